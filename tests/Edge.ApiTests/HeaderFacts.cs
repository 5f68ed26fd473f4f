using System.Net;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class HeadersInProcess(TestBed bed) : HeaderFacts(bed.InProcess);

public sealed class HeadersNative(TestBed bed) : HeaderFacts(bed.Native);

/// <summary>Every fact's <see cref="Contract.Send"/> asserts the headers that no answer lacks; here is what else is true of headers.</summary>
public abstract class HeaderFacts : Facts
{
    private protected HeaderFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Head_answers_as_get_does_without_the_body()
    {
        // Of its own, in which nobody changes anything between two reads.
        await using var own = await OwnData.Start(Way);
        var edge = own.Edge;
        var targets = new List<(string Target, (string, string)[] Credentials)>
        {
            ("/api/products/999999999", []), ("/api/products?limit=0", []), ("/no/such/route", []), ("/api/blogs?status=draft", []),
        };
        foreach (var route in (await edge.Description).Routes)
            targets.Add((await edge.Existing(route), route.Credentials));
        await All(targets, async one =>
        {
            using var get = await edge.Send(HttpMethod.Get, one.Target, one.Credentials);
            using var head = await edge.Send(HttpMethod.Head, one.Target, one.Credentials);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancelled));
            Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync(Cancelled));
            if (Described(get).SequenceEqual(Described(head)))
                return;

            // A stale answer was replaced by a new load between the two, from which other lifetimes are counted: what is asked next has the same load.
            using var after = await edge.Send(HttpMethod.Get, one.Target, one.Credentials);
            Assert.Equal(Described(after), Described(head));
        });
    }

    [Fact]
    public async Task Head_knows_tags_too()
    {
        using var get = await Edge.Get("/api/products/1");
        using var head = await Edge.Send(HttpMethod.Head, "/api/products/1", ("If-None-Match", get.Header("ETag")!));
        Assert.Equal(HttpStatusCode.NotModified, head.StatusCode);
    }

    [Fact]
    public async Task What_is_cached_here_may_be_kept_for_as_long_and_other_public_answers_are_checked_before_each_use()
    {
        await All((await Edge.Description).Routes, async route =>
        {
            using var answer = await Edge.Get(await Edge.Existing(route), route.Credentials);
            Assert.Matches(
                answer.Header("Cache-Status") is not null ? "^public, max-age=[0-9]+, stale-while-revalidate=[0-9]+, stale-if-error=[0-9]+$"
                : route.IsCacheable ? "^public, no-cache$"
                : "^no-store$",
                answer.Header("Cache-Control"));
            Assert.Equal(route.IsCacheable, answer.Header("ETag") is not null);
        });
    }

    /// <summary>By construction: a route is cached if its declaration says so, and one that takes a token cannot say so.</summary>
    [Fact]
    public async Task What_takes_a_token_is_never_cached()
    {
        await All((await Edge.Description).Routes.Where(static route => route.IsAdmin), async route =>
        {
            using var answer = await Edge.Get(await Edge.Existing(route), Admin);
            Assert.Equal("no-store", answer.Header("Cache-Control"));
            Assert.Null(answer.Header("Cache-Status"));
        });
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    [InlineData("BREW")]
    public async Task Another_method_is_405_and_told_those_that_are_taken(string method)
    {
        // Routing takes /api/products/search for an id too, where another method has such a route.
        var operations = (await Edge.Description).Operations;
        HashSet<string> Taken(string target) => [.. operations.Where(route => route.Matches(target.Split('?')[0])).Select(static route => route.Method)];
        await All((await Edge.Description).Routes.Where(route => !Taken(route.Address()).Contains(method)), async route =>
        {
            using var answer = await Edge.Send(new HttpMethod(method), route.Address(), route.Credentials);
            await answer.Problem(405);
            Assert.Equal(Taken(route.Address()).Append("HEAD").Order(), answer.Header("Allow")!.Split(", ").Order());
        });
    }

    /// <summary>Every header and its value but what differs between two reads; of an operators' answer, which does by itself, not its length.</summary>
    static List<string> Described(HttpResponseMessage answer) =>
        [$"{(int)answer.StatusCode}", .. answer.Headers.Concat(answer.Content.Headers)
            .Where(static header => header.Key is not ("Date" or "Age" or "Cache-Status" or "X-RateLimit-Remaining" or "X-RateLimit-Reset" or "RateLimit"))
            .Where(header => header.Key != "Content-Length" || answer.RequestMessage!.RequestUri!.AbsolutePath is not ("/health/detailed" or "/performance/cache/stats" or "/performance/limits" or "/performance/load" or "/performance/metrics"))
            .Select(static header => $"{header.Key}: {string.Join(", ", header.Value)}").Order()];
}
