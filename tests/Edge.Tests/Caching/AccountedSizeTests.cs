using System.Globalization;
using System.Net.Sockets;
using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Features.Products;
using Edge.Http;
using Edge.Tests.Basics;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Edge.Tests.Caching;

/// <summary>What entries count of the budget is what they take. What the whole process takes under a flood is for FloodTests.</summary>
public sealed class AccountedSizeTests : IAsyncDisposable
{
    const int BudgetBytes = 2 << 20;
    const double MostOfAccounted = 1.2;

    static readonly CacheRule Rule = CacheRule.Tagged(new() { Name = "sizes", DurationMs = 60_000 }, "a", "b");

    readonly EdgeCache _cache = new(new() { BudgetBytes = BudgetBytes }, new FakeTime(), new RandomSource(1));

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(30)]
    public async Task An_entry_counts_what_it_takes_however_many_tags_it_has(int tags)
    {
        var kind = new CacheKind<string>(Rule.Policy);
        var places = _cache.PlacesOf([.. Enumerable.Range(0, tags).Select(static tag => $"tag {tag}")]);
        var taken = await Taken(1_000, async i => await _cache.GetOrLoad(
            $"/things/{i}", kind, places, 0, static (_, _) => new(new Loaded<string>("the same for all", SizeBytes: 0)), Cancelled));
        Assert.InRange(taken / _cache.Statistics().Bytes, 0.97, 1.03);
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(900, "</api/products?limit=2&cursor=abc>; rel=\"next\"")]
    [InlineData(20_000, null)]
    public void A_rendered_answer_counts_what_it_takes(int bytes, string? link)
    {
        var random = new RandomSource(1);
        var body = Enumerable.Range(0, bytes).Select(_ => (byte)('a' + random.NextUInt64() % 16)).ToArray();
        IsCounted(_ => Rendered.Of(Rule, body, link is null ? null : new(link)));
    }

    [Fact]
    public void A_problem_counts_what_it_takes()
    {
        IsCounted(static _ => Rendered.Of(Rule, Problem.NotFound("product")));
        IsCounted(static n => Rendered.Of(Rule, Problem.Invalid([.. Enumerable.Range(0, 20).Select(i => new FieldError($"field {i} of {n}", $"wrong in its way {i} of {n}"))])));
    }

    [Fact]
    public async Task A_flood_of_things_that_are_not_stays_within_the_budget()
    {
        var route = new CachedRoute<Product>(
            new() { Path = "/api/products/{id}", Tag = "T", Summary = "S", Cache = Rule, Parameters = [ProductEndpoints.Id] }, Rule, static () => ProductsJson.Default.Product,
            static _ => new(Problem.NotFound("product")), shows: null, _cache, new CursorCodec("key"u8.ToArray()), new FakeTime(), failed: null!);
        await IsWithinBudget(20_000, async i =>
        {
            var context = new DefaultHttpContext { Request = { Method = "GET", RouteValues = { ["id"] = (i + 1).ToString(CultureInfo.InvariantCulture) } } };
            await route.Serve(context);
            Assert.Equal(404, context.Response.StatusCode);
        });
    }

    [Fact]
    public async Task A_flood_of_loads_that_fail_stays_within_the_budget()
    {
        var kind = new CacheKind<string>(Rule.Policy);
        var places = _cache.PlacesOf("a", "b");
        await IsWithinBudget(6_000, async i =>
        {
            var answer = await _cache.GetOrLoad($"/api/products/{i}", kind, places, 0, static async (_, _) => await Refused(12), Cancelled);
            Assert.Equal(CacheSource.Failed, answer.Source);
        });
    }

    /// <summary>As Npgsql fails where nobody listens: a cause inside, and a trace of a dozen frames.</summary>
    static async ValueTask<Loaded<string>> Refused(int frames)
    {
        await ValueTask.CompletedTask;
        if (frames > 0)
            return await Refused(frames - 1);
        try
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
        catch (SocketException refused)
        {
            throw new NpgsqlException("Failed to connect to 10.0.0.5:5432", refused);
        }
    }

    async Task IsWithinBudget(int times, Func<int, Task> read)
    {
        var taken = await Taken(times, read);
        var statistics = _cache.Statistics();
        Assert.True(taken <= MostOfAccounted * statistics.CapacityBytes, $"{taken} bytes of {statistics.CapacityBytes}");
        var refused = statistics.Evictions + statistics.Rejections;
        Assert.True(refused > 2 * statistics.Entries, $"{refused} pushed out or not let in beside {statistics.Entries} are no flood");
    }

    /// <summary>What the cache takes more than before, in bytes.</summary>
    async Task<double> Taken(int times, Func<int, Task> read)
    {
        // What all entries share, counters and the like, is not theirs.
        await read(0);
        await _cache.Clear();
        var before = Retained.By(_cache);
        for (var i = 1; i <= times; i++)
            await read(i);
        return Retained.By(_cache) - before;
    }

    static void IsCounted(Func<int, Rendered> render)
    {
        // What they share counts in both.
        var taken = (Retained.By(Enumerable.Range(0, 101).Select(render).ToArray()) - Retained.By(new[] { render(0) })) / 100.0;
        Assert.InRange(taken / render(0).SizeBytes, 0.9, 1.1);
    }
}
