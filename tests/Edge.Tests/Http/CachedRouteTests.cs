using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Features.Products;
using Edge.Http;
using Edge.Tests.Basics;

namespace Edge.Tests.Http;

/// <summary>Answers that depend on what they turn out to show.</summary>
public sealed class CachedRouteTests : IAsyncDisposable
{
    const string Path = "/shown";

    readonly EdgeCache _cache = new(new() { BudgetBytes = 1 << 20 }, new FakeTime(), new RandomSource(1));
    Func<string> _shown = static () => "one";
    int _loads;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public async Task An_answer_depends_on_what_it_shows()
    {
        Assert.True(await Route().Warm(Cancelled));
        Assert.True(IsKept);
        await _cache.InvalidateTags(["another"]);
        Assert.True(IsKept);
        await _cache.InvalidateTags(["one"]);
        Assert.False(IsKept);
    }

    [Fact]
    public async Task An_answer_that_shows_something_else_than_was_told_is_not_kept()
    {
        var told = 0;
        _shown = () => told++ == 0 ? "one" : "two";
        Assert.True(await Route().Warm(Cancelled));
        Assert.False(IsKept);
        Assert.True(await Route().Warm(Cancelled));
        Assert.Equal((true, 2), (IsKept, _loads));
        await _cache.InvalidateTags(["two"]);
        Assert.False(IsKept);
    }

    [Fact]
    public async Task What_it_shows_may_be_invalidated_while_it_is_loaded()
    {
        var invalidated = false;
        _shown = () =>
        {
            // Told once, and being loaded.
            if (invalidated)
                _cache.InvalidateTags(["one"]).AsTask().GetAwaiter().GetResult();
            invalidated = true;
            return "one";
        };
        Assert.True(await Route().Warm(Cancelled));
        Assert.False(IsKept);
    }

    bool IsKept => _cache.TryGet<Rendered>(Path, out _);

    CachedRoute<PopularProducts> Route()
    {
        var rule = CacheRule.Tagged(new() { Name = "shown", DurationMs = 60_000 }, "all");
        return new(
            new() { Path = Path, Tag = "T", Summary = "S", Cache = rule }, rule, static () => ProductsJson.Default.PopularProducts,
            _ =>
            {
                _loads++;
                Answer<PopularProducts> answer = new PopularProducts([]);
                return new(answer with { Shown = [_shown()] });
            },
            _ => new([_shown()]), _cache, new CursorCodec("key"u8.ToArray()), new FakeTime(), failed: null!);
    }
}
