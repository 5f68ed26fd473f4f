using System.Net;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ConditionalInProcess(TestBed bed) : ConditionalFacts(bed.InProcess);

public sealed class ConditionalNative(TestBed bed) : ConditionalFacts(bed.Native);

public abstract class ConditionalFacts : Facts
{
    const int IfNoneMatchLimit = 4096;

    private protected ConditionalFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Every_cacheable_route_answers_a_known_tag_with_304()
    {
        // Of its own, in which nobody changes anything between two reads.
        await using var own = await OwnData.Start(Way);
        await All([.. (await own.Edge.Description).Routes.Where(static route => route.IsCacheable), null], async route =>
        {
            var target = route is null ? ApiDescription.Target : await own.Edge.Existing(route);
            using var first = await own.Edge.Get(target);
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            var tag = first.Header("ETag")!;
            Assert.Matches("^\"[A-Za-z0-9_-]{22}\"$", tag);
            using var second = await own.Edge.Get(target, ("If-None-Match", tag));
            await IsNotModified(second, first);
        });
    }

    [Fact]
    public Task Each_form_that_names_the_tag_is_a_304() => All(
        ["{0}", "W/{0}", "\"other\", {0}", "{0}, \"other\"", "\"other\",W/{0} ,\"another\"", "*", " {0} ", "\"with, comma\", {0}"],
        async form =>
        {
            using var first = await Edge.Get("/api/products/1");
            using var second = await Edge.Get("/api/products/1", ("If-None-Match", form.Replace("{0}", first.Header("ETag"), StringComparison.Ordinal)));
            await IsNotModified(second, first);
        });

    [Fact]
    public async Task The_tag_may_stand_in_a_second_header()
    {
        using var first = await Edge.Get("/api/products/1");
        using var second = await Edge.Get("/api/products/1", ("If-None-Match", "\"other\""), ("If-None-Match", first.Header("ETag")!));
        await IsNotModified(second, first);
    }

    [Fact]
    public Task Each_form_that_does_not_name_the_tag_is_a_200() => All(
        ["\"other\"", "", ",,,", "\"\"", "W/", "w/{0}", "{1}", "\"{1}", "{1}\"", "**", "\"*\"", "{0}x", "W/W/{0}"],
        async form =>
        {
            using var first = await Edge.Get("/api/products/1");
            var tag = first.Header("ETag")!;
            var header = form.Replace("{0}", tag, StringComparison.Ordinal).Replace("{1}", tag.Trim('"'), StringComparison.Ordinal);
            using var second = await Edge.Get("/api/products/1", ("If-None-Match", header));
            Assert.Equal(HttpStatusCode.OK, second.StatusCode);
            Assert.Equal(await first.Content.ReadAsStringAsync(Cancelled), await second.Content.ReadAsStringAsync(Cancelled));
        });

    [Fact]
    public async Task Different_answers_have_different_tags()
    {
        var tags = new List<string>();
        foreach (var id in Enumerable.Range(1, 50))
        {
            using var answer = await Edge.Get($"/api/products/{id}");
            tags.Add(answer.Header("ETag")!);
        }
        Assert.Equal(50, tags.Distinct().Count());
    }

    [Fact]
    public async Task A_change_of_the_data_changes_the_tag()
    {
        await using var copy = await Database.Copy(Cancelled);
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = copy.Url }, Cancelled);
        (string Target, string Change)[] changes =
        [
            ("/api/products/1", "update products set stock = stock + 1 where id = 1"),
            ("/api/products?limit=1", "update products set name = name || '!' where id = (select id from products order by created_at desc, id desc limit 1)"),
            ("/api/users/1", "update users set bio = bio || '!' where id = 1"),
        ];
        foreach (var (target, change) in changes)
        {
            using var before = await edge.Get(target);
            using var same = await edge.Get(target);
            Assert.Equal(before.Header("ETag"), same.Header("ETag"));
            await copy.Execute(change);
            await Poll.Until(
                async _ =>
                {
                    using var after = await edge.Get(target, ("If-None-Match", before.Header("ETag")!));
                    return after.StatusCode == HttpStatusCode.OK && after.Header("ETag") != before.Header("ETag");
                },
                $"{target} shows the change", Cancelled);
        }
    }

    [Fact]
    public async Task A_missing_row_stays_404_whatever_tag_is_sent()
    {
        using var answer = await Edge.Get("/api/products/999999999", ("If-None-Match", "*"));
        await answer.Problem(404);
    }

    [Fact]
    public async Task Health_is_never_304()
    {
        using var answer = await Edge.Get("/health", ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Null(answer.Header("ETag"));
    }

    [Fact]
    public async Task As_many_tags_as_fit_are_read()
    {
        using var first = await Edge.Get("/api/products/1");
        var tag = first.Header("ETag")!;
        var padding = new string('x', IfNoneMatchLimit - tag.Length - 3);
        using var second = await Edge.Get("/api/products/1", ("If-None-Match", $"\"{padding}\",{tag}"));
        await IsNotModified(second, first);
    }

    [Fact]
    public async Task An_oversized_If_None_Match_is_refused_by_every_route()
    {
        var targets = (await Edge.Description).Routes.Select(static route => (route.Address(), route.Credentials)).Append((ApiDescription.Target, [])).Append(("/api/products/999999999", []));
        await All(targets, async ((string Target, (string, string)[] Credentials) asked) =>
        {
            using var one = await Edge.Get(asked.Target, [("If-None-Match", new string('x', IfNoneMatchLimit + 1)), .. asked.Credentials]);
            Assert.Equal(["If-None-Match"], (await one.Problem(431)).GetProperty("errors").Members());
            using var two = await Edge.Get(
                asked.Target, [("If-None-Match", new string('x', IfNoneMatchLimit / 2)), ("If-None-Match", new string('x', (IfNoneMatchLimit / 2) + 1)), .. asked.Credentials]);
            Assert.Equal(["If-None-Match"], (await two.Problem(431)).GetProperty("errors").Members());
        });
    }

    static async Task IsNotModified(HttpResponseMessage answer, HttpResponseMessage first)
    {
        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Equal(first.Header("ETag"), answer.Header("ETag"));
        Assert.Equal(first.Header("Cache-Control"), answer.Header("Cache-Control"));
        // RFC 9110 section 15.4.5: what the 200 would have had, and a cache needs to go on with what it keeps.
        Assert.Equal(first.Header("Vary"), answer.Header("Vary"));
        Assert.Equal(first.Header("Age") is null, answer.Header("Age") is null);
        Assert.NotNull(answer.Header("Date"));
        Assert.Null(answer.Header("Content-Type"));
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancelled));
    }
}
