using Edge.Hosting;
using Edge.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.ApiTests;

/// <summary>A call that an operation answers with success.</summary>
/// <param name="Body">JSON; null: none.</param>
internal sealed record SampleCall(string Target, string? Body = null)
{
    /// <summary>Beside the session.</summary>
    public (string Name, string Value)[] Headers { get; init; } = [];
}

/// <summary>
/// A sample call of every operation, for the facts that hold of all of them. Most come from /openapi.json alone: 1 for an id, the example for
/// the body. Whatever needs more (something that the caller owns, a body that must be new each time, a header) has a line here.
/// </summary>
internal static class OperationSamples
{
    /// <summary>By method and path: makes what the call needs, for the person of this id, and gives the call. Made anew for each call.</summary>
    static readonly Dictionary<string, Func<SeededDatabase, long, Task<SampleCall>>> Made = new()
    {
        ["GET /api/blogs/{slug}"] = static async (database, _) => new("/api/blogs/" + await database.Value<string>("select min(slug) from blogs where status = 'published'")),
    };

    /// <summary>All operations as they are declared, by method and path: what /openapi.json leaves out.</summary>
    public static async Task<Dictionary<string, Operation>> Declared()
    {
        await using var app = EdgeHost.Build(new() { Port = 0 }, TimeProvider.System);
        return ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints)
            .Select(static endpoint => endpoint.Metadata.GetMetadata<Operation>()!)
            .ToDictionary(static operation => $"{operation.Method} {operation.Path}");
    }

    /// <param name="person">Whose call it is.</param>
    public static async Task<SampleCall> Of(ApiRoute route, SeededDatabase database, long person) =>
        Made.TryGetValue(route.ToString(), out var make) ? await make(database, person) : new(route.Address(), route.BodyExample);
}
