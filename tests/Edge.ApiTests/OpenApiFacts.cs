using System.Text.Json.Nodes;
using Edge.Hosting;
using Edge.Http;
using Edge.Testing;
using Microsoft.AspNetCore.Routing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class OpenApiInProcess(TestBed bed) : OpenApiFacts(bed.InProcess)
{
    [Fact]
    public async Task It_lists_exactly_the_routes_that_are_mapped()
    {
        await using var app = EdgeHost.Build(new() { Port = 0 }, TimeProvider.System);
        var mapped = ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints).Cast<RouteEndpoint>().ToList();
        Assert.Equal(
            mapped.SelectMany(static endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}")).Order(),
            (await Edge.Description).Methods.SelectMany(static method => method.StartsWith("GET ", StringComparison.Ordinal) ? [method, "HEAD " + method[4..]] : new[] { method }).Order());
    }
}

public sealed class OpenApiNative(TestBed bed) : OpenApiFacts(bed.Native);

public abstract class OpenApiFacts : Facts
{
    /// <summary>Set by <c>./dev approve</c>: what differs is rewritten instead of refused.</summary>
    const string Approve = "APPROVE";

    private protected OpenApiFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task It_is_openapi_3_1_and_cacheable()
    {
        using var answer = await Edge.Get(ApiDescription.Target);
        var document = await Edge.Json(answer, ApiDescription.Target);
        Assert.Equal("3.1.0", document.Text("openapi"));
        Assert.Equal("Edge", document.GetProperty("info").Text("title"));
        Assert.Equal(["openapi", "info", "paths", "components"], document.Members());
        Assert.NotNull(answer.Header("ETag"));
    }

    [Fact]
    public async Task It_lists_every_route_of_the_contract() => Assert.Equal(
        [
            "DELETE /api/blogs/{slug}", "DELETE /api/opportunities/{id}", "DELETE /api/products/{id}", "DELETE /api/stories/{id}", "GET /api/blogs",
            "GET /api/blogs/{slug}", "GET /api/categories/trending", "GET /api/dashboard", "GET /api/discovery/nearby",
            "GET /api/export/orders/stream", "GET /api/export/users", "GET /api/opportunities", "GET /api/opportunities/{id}", "GET /api/orders",
            "GET /api/orders/{id}", "GET /api/products", "GET /api/products/popular", "GET /api/products/search", "GET /api/products/{id}",
            "GET /api/stories", "GET /api/stories/{id}", "GET /api/users", "GET /api/users/bulk-analytics", "GET /api/users/{id}",
            "GET /api/users/{id}/analytics", "GET /api/users/{id}/recommendations", "GET /auth/session", "GET /health", "GET /health/detailed",
            "GET /health/live", "GET /health/ready", "GET /openapi.json", "GET /performance/cache/stats", "GET /performance/limits", "GET /performance/load",
            "GET /performance/metrics", "GET /popular-products",
            "PATCH /api/products/{id}", "PATCH /api/users/{id}", "POST /api/blogs", "POST /api/opportunities", "POST /api/orders",
            "POST /api/orders/{id}/cancel", "POST /api/products", "POST /api/stories", "POST /auth/login", "POST /auth/logout",
            "POST /auth/register", "POST /performance/cache/clear", "PUT /api/blogs/{slug}", "PUT /api/locations/current",
            "PUT /api/opportunities/{id}",
        ],
        (await Edge.Description).Methods.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_route_says_what_it_takes_and_answers()
    {
        var routes = (await Edge.Description).Routes;
        Assert.All(routes, static route =>
        {
            Assert.Equal("object", route.Schema(200).Text("type"));
            Assert.NotEqual("", route.Operation.Text("summary"));
            Assert.NotEmpty(route.Operation.GetProperty("tags").EnumerateArray());
            foreach (var status in (int[])[400, 414, 431, 500, 503])
                Assert.NotEqual(default, route.Schema(status));
            Assert.Equal(route.Path.Count(static c => c == '{'), route.Parameters.Count(static parameter => parameter.IsInPath));
            foreach (var parameter in route.Parameters)
            {
                Assert.NotEqual("", parameter.Description);
                Assert.NotEqual("", parameter.Schema.Text("type"));
                Assert.True(parameter.IsRequired || !parameter.IsInPath, $"{route.Path} {parameter.Name}");
            }
        });
        Assert.Equal(routes.Count, routes.Select(static route => route.Operation.Text("operationId")).Distinct().Count());
    }

    [Fact]
    public async Task Its_examples_are_what_the_routes_take_and_answer()
    {
        var description = await Edge.Description;
        var examples = 0;
        foreach (var route in description.Operations)
        {
            var contents = route.Operation.GetProperty("responses").EnumerateObject().Select(static response => response.Value);
            if (route.Operation.TryGetProperty("requestBody", out var request))
                contents = contents.Append(request);
            foreach (var content in contents)
            {
                if (!content.TryGetProperty("content", out var kinds) || !kinds.TryGetProperty("application/json", out var json) || !json.TryGetProperty("example", out var example))
                    continue;
                examples++;
                Assert.Empty(new SchemaCheck(description.Document).Faults(json.GetProperty("schema"), example));
            }
        }
        Assert.True(examples > 0, "no route has an example");
    }

    [Fact]
    public async Task It_is_as_it_was_approved()
    {
        var path = Path.Combine(Repository.Root, "tests", "Edge.ApiTests", "Snapshots", "openapi.json");
        var document = JsonNode.Parse((await Edge.Description).Document.GetRawText())!;
        document["info"]!["version"] = "(masked)";
        var now = document.ToJsonString(new() { WriteIndented = true, Encoder = JsonAnswer.WriterOptions.Encoder }) + "\n";
        var approved = File.Exists(path) ? await File.ReadAllTextAsync(path, Cancelled) : "";
        if (now == approved)
            return;
        Assert.True(Environment.GetEnvironmentVariable(Approve) == "1", $"/openapi.json is not as approved: {Difference(approved, now)}\n./dev approve OpenApi, and read the diff");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, now, Cancelled);
    }

    static string Difference(string approved, string now)
    {
        var (old, fresh) = (approved.Split('\n'), now.Split('\n'));
        var line = old.Zip(fresh).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"line {line + 1} was '{old.ElementAtOrDefault(line)}' and is '{fresh.ElementAtOrDefault(line)}'";
    }
}
