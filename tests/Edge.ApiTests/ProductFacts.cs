using System.Net;
using System.Text.Json;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ProductsInProcess(InProcess edge) : ProductFacts(edge), IClassFixture<InProcess>;

public sealed class ProductsNative(Native edge) : ProductFacts(edge), IClassFixture<Native>;

public abstract class ProductFacts(EdgeUnderTest edge)
{
    [Fact]
    public async Task A_product_has_all_its_members()
    {
        var product = await edge.Json("/api/products/1");
        Assert.Equal(
            ["id", "name", "description", "price", "stock", "category", "createdAt", "updatedAt"],
            product.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(1, product.GetProperty("id").GetInt64());
        Assert.Matches(@"^\d+\.\d\d$", product.GetProperty("price").GetRawText());
        Assert.EndsWith("Z", product.GetProperty("createdAt").GetString());
    }

    [Fact]
    public async Task A_product_that_there_is_not_is_404()
    {
        using var answer = await edge.Get("/api/products/999999999");
        await answer.Problem(404);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        var seen = new List<(DateTime Time, long Id)>();
        string? next = "/api/products?limit=50";
        while (next is not null && seen.Count < 1000)
        {
            using var answer = await edge.Get(next);
            var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
            seen.AddRange(page.GetProperty("items").EnumerateArray()
                .Select(static product => (product.GetProperty("createdAt").GetDateTime(), product.GetProperty("id").GetInt64())));
            next = answer.Header("Link") is { } link ? link[1..link.IndexOf('>')] : null;
            Assert.Equal(next is null, page.GetProperty("nextCursor").ValueKind == JsonValueKind.Null);
        }
        Assert.True(seen.Count >= 1000, $"only {seen.Count} products");
        Assert.Equal(seen.OrderByDescending(static row => row), seen);
        Assert.Equal(seen.Count, seen.Select(static row => row.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_known_tag_is_answered_with_304_and_no_body()
    {
        using var first = await edge.Get("/api/products/1");
        var tag = first.Header("ETag")!;
        Assert.Matches("^\"[A-Za-z0-9_-]{22}\"$", tag);
        using var second = await edge.Get("/api/products/1", ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(tag, second.Header("ETag"));
        Assert.Equal("", await second.Content.ReadAsStringAsync(Cancelled));
        using var third = await edge.Get("/api/products/1", ("If-None-Match", "\"another\""));
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }
}
