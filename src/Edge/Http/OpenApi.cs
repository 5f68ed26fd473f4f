using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Edge.Http;

/// <summary>
/// The OpenAPI 3.1 document, made from the declared operations. Schemas come from the serializer's own source-generated metadata
/// (3.1 uses JSON Schema as it is), so there is neither reflection nor a second description to keep true.
/// </summary>
internal static class OpenApi
{
    const string ProblemSchema = """
        {
          "type": "object",
          "required": ["type", "title", "status", "detail", "instance", "traceId"],
          "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string" },
            "traceId": { "type": "string", "description": "Joins this answer with our log; quote it in a report." },
            "violated-policies": { "type": "array", "items": { "type": "string" }, "description": "Of 429: the limits that are reached." },
            "errors": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } }
          }
        }
        """;

    /// <summary>Those of every answer of a limited route; of 429 also how long to wait.</summary>
    static readonly string[][] Headers =
    [
        ["X-RateLimit-Limit", "integer", "Tokens of the policy that is nearest to refusing, when all of them are there."],
        ["X-RateLimit-Remaining", "integer", "Tokens of it that are left; a cheap read takes one."],
        ["X-RateLimit-Reset", "integer", "Seconds until all of them are back."],
        ["RateLimit", "string", "The same policy by name: \"name\";r=left;t=seconds (draft-ietf-httpapi-ratelimit-headers)."],
        ["RateLimit-Policy", "string", "All policies of this request: \"name\";q=tokens;w=seconds in which an empty bucket fills up."],
        ["Retry-After", "integer", "Seconds, at least 1."],
    ];

    const string OperatorScheme = "admin";
    const string SessionScheme = "session";

    /// <summary>What is rendered has one. Nothing is cached by it: the document stays as long as the process.</summary>
    static readonly CacheRule s_rule = CacheRule.Tagged(new() { Name = "openapi", DurationMs = 0 });

    /// <summary>Rendered on the first request for it: most instances are never asked.</summary>
    public static void Map(RouteTable routes, string version)
    {
        var document = new Lazy<Rendered>(() => Rendered.Of(s_rule, Render(routes.Operations, version), link: null));
        routes.Get(new() { Path = "/openapi.json", Tag = "Documentation", Summary = "This document", IsLocal = true }, () => document.Value);
    }

    public static byte[] Render(IReadOnlyList<Operation> operations, string version)
    {
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            if (paths[operation.Path] is not JsonObject methods)
                paths[operation.Path] = methods = [];
            methods[operation.Method.ToLowerInvariant()] = OperationNode(operation);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Edge",
                ["version"] = version,
                ["description"] = "Every GET also answers HEAD. Errors are application/problem+json (RFC 9457).",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject { ["Problem"] = JsonNode.Parse(ProblemSchema) },
                ["headers"] = HeaderNodes(),
                ["securitySchemes"] = new JsonObject
                {
                    [OperatorScheme] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "The operators' token (ADMIN_TOKEN)." },
                    [SessionScheme] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "The token of POST /auth/login." },
                },
            },
        };
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, JsonAnswer.WriterOptions with { Indented = true }))
            document.WriteTo(writer);
        return bytes.ToArray();
    }

    static JsonObject OperationNode(Operation operation)
    {
        var node = new JsonObject
        {
            ["tags"] = new JsonArray(operation.Tag),
            ["summary"] = operation.Summary,
            ["operationId"] = OperationId(operation),
        };
        if (operation.Parameters.Length > 0)
            node["parameters"] = new JsonArray([.. operation.Parameters.Select(ParameterNode)]);
        if (Security(operation.Access) is { } security)
            node["security"] = security;

        if (operation.Body is not null)
            node["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(operation.Body, operation.BodyExample) };

        var isLimited = operation.LimitGroup != LimitGroup.Free;
        var responses = new JsonObject { [Text(operation.Status)] = Success(operation) };
        if (operation.Caching == Caching.Revalidate)
            responses["304"] = new JsonObject { ["description"] = "Not modified: If-None-Match names the current ETag." };
        foreach (var status in operation.AlsoStatus)
            responses[Text(status)] = Success(operation);
        foreach (var status in (int[])[400, .. Refusals(operation), .. operation.Problems, .. operation.Body is null ? (int[])[] : [413, 415], 414, .. isLimited ? (int[])[429] : [], 431, 500, 503])
            if (!responses.ContainsKey(Text(status)))
                responses[Text(status)] = Failure(status);
        if (isLimited)
            foreach (var (_, response) in responses)
                response!["headers"] = LimitHeaders();
        if (isLimited)
            responses["429"]!["headers"]!["Retry-After"] = Reference("Retry-After");
        node["responses"] = responses;
        return node;
    }

    static JsonObject LimitHeaders()
    {
        var headers = new JsonObject();
        foreach (var header in Headers)
            if (header[0] != "Retry-After")
                headers[header[0]] = Reference(header[0]);
        return headers;
    }

    static JsonObject Reference(string header) => new() { ["$ref"] = "#/components/headers/" + header };

    static JsonObject HeaderNodes()
    {
        var headers = new JsonObject();
        foreach (var header in Headers)
            headers[header[0]] = new JsonObject { ["description"] = header[2], ["schema"] = new JsonObject { ["type"] = header[1] } };
        return headers;
    }

    static int[] Refusals(Operation operation) => operation.Access switch
    {
        Access.Anyone => [],
        Access.OptionalSession or Access.Session or Access.Operator => [401],
        _ => [401, 403],
    };

    static JsonArray? Security(Access access) => access switch
    {
        Access.Anyone => null,
        Access.Operator => new(Scheme(OperatorScheme)),
        // An empty one beside it: the session may be left out.
        Access.OptionalSession => new(new JsonObject(), Scheme(SessionScheme)),
        Access.Session => new(Scheme(SessionScheme)),
        // OpenAPI 3.1, Security Requirement Object: names of the roles that are required.
        _ => new(Scheme(SessionScheme, access.ToString().ToLowerInvariant())),
    };

    static JsonObject Scheme(string name, params string[] roles) => new() { [name] = new JsonArray([.. roles.Select(static role => (JsonNode)role)]) };

    static JsonNode ParameterNode(Parameter parameter) => new JsonObject
    {
        ["name"] = parameter.Name,
        ["in"] = parameter.Place switch { ParameterPlace.Path => "path", ParameterPlace.Header => "header", _ => "query" },
        ["required"] = parameter.Required,
        ["description"] = parameter.Description,
        ["schema"] = parameter.Schema(),
    };

    static JsonObject Success(Operation operation)
    {
        var success = new JsonObject { ["description"] = operation.Summary };
        if (operation.ContentType is { } type)
            success["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" }, ["example"] = operation.Example } };
        else if (operation.Status != StatusCodes.Status204NoContent)
            success["content"] = Content(operation.Json, operation.Example);
        return success;
    }

    /// <param name="json">Null: any object.</param>
    static JsonObject Content(Func<JsonTypeInfo>? json, string? example)
    {
        var content = new JsonObject
        {
            ["schema"] = json is null ? new JsonObject { ["type"] = "object" } : SchemaOf(json()),
        };
        if (example is not null)
            content["example"] = JsonNode.Parse(example);
        return new() { ["application/json"] = content };
    }

    /// <summary>
    /// Where a type comes twice, the framework refers the second time to the first, by its place in the schema. In a document the schema has another place:
    /// it is spelled out again.
    /// </summary>
    static JsonNode SchemaOf(JsonTypeInfo json)
    {
        var schema = json.GetJsonSchemaAsNode(new() { TreatNullObliviousAsNonNullable = true });
        SpellOut(schema, schema);
        return schema;
    }

    static void SpellOut(JsonNode root, JsonNode node)
    {
        if (node is not JsonObject members)
            return;
        foreach (var name in members.Select(static member => member.Key).ToArray())
        {
            if (members[name] is JsonObject member && member["$ref"] is { } reference)
                members[name] = reference.GetValue<string>().Split('/').Skip(1).Aggregate(root, static (at, step) => at[step]!).DeepClone();
            if (members[name] is { } inner)
                SpellOut(root, inner);
        }
    }

    static JsonObject Failure(int status) => new()
    {
        ["description"] = Problem.OfStatus(status).Title,
        ["content"] = new JsonObject
        {
            ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } },
        },
    };

    /// <summary>Stable and unique: the method and the path's words. Generated clients use it as the method's name.</summary>
    static string OperationId(Operation operation)
    {
        var words = operation.Path.Split(['/', '{', '}', '-', '.'], StringSplitOptions.RemoveEmptyEntries);
        return operation.Method.ToLowerInvariant() + string.Concat(words.Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
