using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Core.Resilience;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching;

/// <summary>A load that was shed: as one that failed, but nothing is remembered against its key.</summary>
public sealed class RefusedLoadTests : IAsyncDisposable
{
    const int DurationMs = 1_000;

    readonly FakeTime _time = new();
    readonly EdgeCache _cache;
    readonly CacheKind<string> _kind = new(new() { Name = "shed", DurationMs = DurationMs, FailSafeMs = 60_000, Jitter = 0 }, null);
    int _loads;
    bool _isRefused;

    public RefusedLoadTests() => _cache = new(new() { BudgetBytes = 1 << 20 }, _time, new RandomSource(1));

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public async Task The_stale_answer_is_served_where_there_is_one()
    {
        Assert.Equal(CacheSource.Miss, (await Read()).Source);
        _time.Advance(TimeSpan.FromMilliseconds(2 * DurationMs));
        _isRefused = true;
        var answer = await Read();
        Assert.Equal((CacheSource.Stale, "value 1", 2), (answer.Source, answer.Value, _loads));
    }

    [Fact]
    public async Task Without_one_the_refusal_is_the_answer_and_the_next_caller_tries_again()
    {
        _isRefused = true;
        var answer = await Read();
        Assert.Equal(CacheSource.Failed, answer.Source);
        Assert.Same(OverloadedException.Instance, answer.Failure?.SourceException);
        _isRefused = false;
        Assert.Equal((CacheSource.Miss, 2), ((await Read()).Source, _loads));
    }

    ValueTask<CacheAnswer<string>> Read() => _cache.GetOrLoad(
        "/key", _kind, _cache.PlacesOf(), this,
        static (self, _) =>
        {
            self._loads++;
            return new(self._isRefused ? new Loaded<string>(null!, 0) { Refusal = OverloadedException.Instance } : new Loaded<string>($"value {self._loads}", 10));
        },
        TestContext.Current.CancellationToken);
}
