using System.Text.Json;

namespace Edge.ApiTests;

/// <summary>The routes as an instance describes them in /openapi.json. Facts about "every route" go through this, so that a new one is covered by itself.</summary>
internal sealed class ApiDescription(JsonElement document)
{
    public const string Target = "/openapi.json";

    public JsonElement Document => document;

    /// <summary>Every method of every path.</summary>
    public IReadOnlyList<ApiRoute> Operations { get; } =
    [
        .. document.GetProperty("paths").EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject().Select(method => new ApiRoute(method.Name.ToUpperInvariant(), path.Name, method.Value))),
    ];

    /// <summary>All that answer GET without a session. The others have facts of their own.</summary>
    public IReadOnlyList<ApiRoute> Routes => field ??= [.. Operations.Where(static route => route.Method == "GET" && route.Access != ApiAccess.Session)];

    /// <summary>Every method of every path, as <c>POST /performance/cache/clear</c>.</summary>
    public IEnumerable<string> Methods => Operations.Select(static route => $"{route.Method} {route.Path}");

    public static async Task<ApiDescription> Read(HttpClient http) =>
        new(JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(Target, UriKind.Relative))).RootElement);

    /// <summary>What is wrong with an answer's body, by the schema of the route that the target belongs to. Empty: nothing.</summary>
    public List<string> Faults(string target, int status, JsonElement body, string method = "GET")
    {
        var path = target.Split('?')[0];
        var candidates = Operations.Where(route => route.Method == method).ToList();
        var route = candidates.Find(route => route.Path == path) ?? candidates.Find(route => route.Matches(path));
        return route is null ? [$"{path} is not in the description"] : new SchemaCheck(document).Faults(route.Schema(status), body);
    }
}

internal enum ApiAccess
{
    Anyone,
    OptionalSession,
    Session,
    Operator,
}

/// <summary>One method of one path of the description.</summary>
internal sealed class ApiRoute(string method, string path, JsonElement operation)
{
    public string Method => method;

    public string Path => path;

    public ApiAccess Access { get; } = !operation.TryGetProperty("security", out var security) ? ApiAccess.Anyone
        : security.GetArrayLength() > 1 ? ApiAccess.OptionalSession
        : security[0].TryGetProperty("session", out _) ? ApiAccess.Session
        : ApiAccess.Operator;

    public IReadOnlyList<ApiParameter> Parameters { get; } = operation.TryGetProperty("parameters", out var parameters)
        ? [.. parameters.EnumerateArray().Select(static parameter => new ApiParameter(parameter))]
        : [];

    public JsonElement Operation => operation;

    public bool IsAdmin => Access == ApiAccess.Operator;

    /// <summary>The operators' token, where it takes that; elsewhere it would be a session that there is not.</summary>
    public (string Name, string Value)[] Token => IsAdmin ? [Contract.Admin] : [];

    public bool IsCacheable => operation.GetProperty("responses").TryGetProperty("304", out _);

    public bool IsPaged => Parameters.Any(static parameter => parameter.IsCursor);

    /// <summary>A body of any of its bodies' schemas; of problems, the shared one.</summary>
    public JsonElement Schema(int status) => operation.GetProperty("responses").GetProperty($"{status}")
        .GetProperty("content").EnumerateObject().Single().Value.GetProperty("schema");

    public override string ToString() => $"{method} {path}";

    public bool Matches(string concrete)
    {
        var (own, other) = (path.Split('/'), concrete.Split('/'));
        return own.Length == other.Length && own.Zip(other).All(static pair => pair.First == pair.Second || pair.First.StartsWith('{'));
    }

    /// <summary>
    /// An address with a valid value for each required parameter, save that <paramref name="changed"/> has <paramref name="raw"/>
    /// (percent-encoded already), or is left out where that is null.
    /// </summary>
    public string Address(ApiParameter? changed = null, string? raw = null, string more = "")
    {
        var address = path;
        var query = new List<string>();
        foreach (var parameter in Parameters)
        {
            var value = parameter == changed ? raw : parameter.IsRequired ? parameter.Sample : null;
            if (parameter.IsInPath)
                address = address.Replace("{" + parameter.Name + "}", value, StringComparison.Ordinal);
            else if (value is not null)
                query.Add($"{parameter.Name}={value}");
        }
        if (more.Length > 0)
            query.Add(more);
        return query.Count == 0 ? address : $"{address}?{string.Join('&', query)}";
    }
}

internal enum ValueKind
{
    /// <summary>A whole number with bounds.</summary>
    Integer,

    /// <summary>One of a list of words.</summary>
    Word,

    /// <summary>Text of a pattern: a slug, a user name.</summary>
    Pattern,

    /// <summary>Any text up to a length.</summary>
    Text,

    Cursor,
}

internal sealed class ApiParameter(JsonElement parameter)
{
    public string Name { get; } = parameter.GetProperty("name").GetString()!;

    public bool IsInPath { get; } = parameter.GetProperty("in").GetString() == "path";

    public bool IsRequired { get; } = parameter.GetProperty("required").GetBoolean();

    public string? Description { get; } = parameter.GetProperty("description").GetString();

    public JsonElement Schema { get; } = parameter.GetProperty("schema");

    public bool IsCursor => Name == "cursor";

    public ValueKind Kind =>
        IsCursor ? ValueKind.Cursor
        : Schema.GetProperty("type").GetString() == "integer" ? ValueKind.Integer
        : Schema.TryGetProperty("enum", out _) ? ValueKind.Word
        : Schema.TryGetProperty("pattern", out _) ? ValueKind.Pattern
        : ValueKind.Text;

    /// <summary>A valid value. There need not be anything that has it.</summary>
    public string Sample => Kind switch
    {
        ValueKind.Integer => Schema.GetProperty("minimum").GetRawText(),
        ValueKind.Word => Schema.GetProperty("enum")[0].GetString()!,
        _ => "lighting",
    };

    public int MaxLength => Schema.GetProperty("maxLength").GetInt32();

    public override string ToString() => Name;
}
