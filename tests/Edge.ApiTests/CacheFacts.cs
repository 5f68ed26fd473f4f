using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class CacheInProcess(TestBed bed) : CacheFacts(bed.InProcess);

public sealed class CacheNative(TestBed bed) : CacheFacts(bed.Native);

/// <summary>Instances of a cold cache each: answers rendered once and kept.</summary>
public abstract class CacheFacts : Facts
{
    private protected CacheFacts(EdgeWay way) : base(way)
    {
    }

    Task<EdgeUnderTest> Cached() => Way.StartCached(Database.Url, Cancelled);

    [Fact]
    public async Task The_second_read_is_a_hit_with_the_same_bytes_and_tag()
    {
        await using var edge = await Cached();
        using var first = await edge.Get("/api/products/7");
        using var second = await edge.Get("/api/products/7");
        Assert.StartsWith("edge; fwd=miss; stored; ttl=", first.Header("Cache-Status"));
        Assert.Matches("^edge; hit; ttl=[0-9]+; detail=l1$", second.Header("Cache-Status"));
        Assert.Equal(first.Header("ETag"), second.Header("ETag"));
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Cancelled), await second.Content.ReadAsByteArrayAsync(Cancelled));
        Assert.Equal("public, max-age=60, stale-while-revalidate=60, stale-if-error=86400", second.Header("Cache-Control"));
        Assert.Equal("Accept-Encoding", second.Header("Vary"));
        Assert.Matches("^[0-9]+$", second.Header("Age"));
    }

    [Fact]
    public async Task One_answer_has_one_entry_however_its_query_is_spelled()
    {
        await using var edge = await Cached();
        (await edge.Get("/api/products?category=coffee&limit=5")).Dispose();
        foreach (var spelling in (string[])["limit=5&category=coffee", "limit=005&category=coffee", "category=%63offee&limit=5"])
        {
            using var answer = await edge.Get("/api/products?" + spelling);
            Assert.StartsWith("edge; hit", answer.Header("Cache-Status"));
        }
    }

    [Theory]
    [InlineData("br", "br", "-br\"")]
    [InlineData("gzip", "gzip", "-gz\"")]
    [InlineData("gzip;q=0.5, br;q=0.4", "gzip", "-gz\"")]
    [InlineData("*", "br", "-br\"")]
    [InlineData("identity", null, "\"")]
    [InlineData("br;q=0, gzip;q=0", null, "\"")]
    public async Task A_long_answer_comes_in_the_encoding_asked_for_with_a_tag_of_its_own(string accepted, string? encoding, string tagEnd)
    {
        await using var cached = await Cached();
        // The shared instance has no cache.
        foreach (var (edge, target) in new[] { (cached, "/api/products?limit=30"), (Edge, "/api/products?limit=30"), (Edge, ApiDescription.Target) })
            await IsEncoded(edge, target, accepted, encoding, tagEnd);
    }

    static async Task IsEncoded(EdgeUnderTest edge, string target, string accepted, string? encoding, string tagEnd)
    {
        var plain = await (await edge.Get(target)).Content.ReadAsStringAsync(Cancelled);
        using var answer = await edge.Get(target, ("Accept-Encoding", accepted));
        Assert.Equal("Accept-Encoding", answer.Header("Vary"));
        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.EndsWith(tagEnd, answer.Header("ETag"));
        await using var body = await answer.Content.ReadAsStreamAsync(Cancelled);
        await using Stream decoded = encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(decoded, Encoding.UTF8);
        Assert.Equal(plain, await reader.ReadToEndAsync(Cancelled));

        using var again = await edge.Get(target, ("Accept-Encoding", accepted), ("If-None-Match", answer.Header("ETag")!));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(answer.Header("ETag"), again.Header("ETag"));
    }

    [Fact]
    public async Task What_there_is_not_is_remembered_for_a_moment_and_is_a_problem_of_each_request()
    {
        await using var edge = await Cached();
        // It is remembered for 5 s: a pair between whose reads this machine has let that go by says nothing.
        const int pairMs = 4_000;
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var target = string.Create(CultureInfo.InvariantCulture, $"/api/products/{999_999_000 + attempt}");
            var watch = Stopwatch.StartNew();
            using var first = await edge.Get(target);
            using var second = await edge.Get(target);
            if (watch.ElapsedMilliseconds > pairMs && attempt < attempts)
                continue;
            var ids = (await first.Problem(404)).Text("traceId") + (await second.Problem(404)).Text("traceId");
            Assert.StartsWith("edge; hit", second.Header("Cache-Status"));
            Assert.NotEqual(ids[..32], ids[32..]);
            return;
        }
    }

    [Fact]
    public async Task Head_is_answered_from_the_same_entry()
    {
        await using var edge = await Cached();
        using var get = await edge.Get("/api/users/3");
        using var head = await edge.Send(HttpMethod.Head, "/api/users/3");
        Assert.StartsWith("edge; hit", head.Header("Cache-Status"));
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal("", await head.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task With_the_database_gone_what_was_read_is_still_answered()
    {
        await using var server = await PostgresServer.Start(Cancelled);
        await using var database = await SeededDatabase.CreateOn(server, Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        (await edge.Get("/api/products/1")).Dispose();
        await server.Kill(Cancelled);
        using var kept = await edge.Get("/api/products/1");
        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        using var unread = await edge.Get("/api/products/2");
        await unread.Problem(503);
        Assert.NotNull(unread.Header("Retry-After"));
    }
}
