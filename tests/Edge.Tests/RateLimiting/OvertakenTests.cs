using Edge.Core.RateLimiting;
using Edge.Tests.Basics;

namespace Edge.Tests.RateLimiting;

/// <summary>
/// A thread that has read the clock may be overtaken before it comes through the gate: a client so was once refused one request of a limit of a million. The
/// clock here has the other request made between its reading and its return.
/// </summary>
public sealed class OvertakenTests
{
    static readonly RateLimit Wide = new(1_000_000, 1, 1_000_000);

    readonly OvertakenTime _clock = new();

    [Fact]
    public async Task Who_is_overtaken_by_one_who_asks_the_store_waits_for_that_answer()
    {
        var store = new Held();
        var limiter = new KeyedLimiter(new(), store, _clock);
        ValueTask<LimitDecision> first = default;
        _clock.Overtake(() => first = Decide(limiter));
        var second = Decide(limiter);
        store.Answer();
        Assert.True((await first).IsAllowed);
        Assert.True((await second).IsAllowed);
    }

    [Fact]
    public async Task Who_is_overtaken_by_one_who_was_granted_just_what_it_needed_asks_too()
    {
        var limiter = new KeyedLimiter(new(), new Model(_clock.Inner), _clock);
        Assert.True((await Decide(limiter)).IsAllowed);
        // Longer than a lease lives, and long enough that next to nothing was used since.
        _clock.Inner.Advance(TimeSpan.FromMilliseconds(300));
        _clock.Overtake(() => Assert.True(Decide(limiter).Result.IsAllowed));
        Assert.True((await Decide(limiter)).IsAllowed);
    }

    [Fact]
    public async Task A_store_that_throws_is_one_that_is_gone()
    {
        var limiter = new KeyedLimiter(new(), new Throwing(), _clock);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Decide(limiter).AsTask());
        var next = await Decide(limiter);
        Assert.Equal((true, true), (next.IsAllowed, next.IsDegraded));
    }

    static ValueTask<LimitDecision> Decide(KeyedLimiter limiter) => limiter.Decide(LimiterWorld.Key, Wide, cost: 1);

    sealed class OvertakenTime : TimeProvider
    {
        Action? _afterRead;

        public FakeTime Inner { get; } = new();

        public override long TimestampFrequency => Inner.TimestampFrequency;

        public void Overtake(Action other) => _afterRead = () =>
        {
            Inner.Advance(TimeSpan.FromTicks(1));
            other();
        };

        public override long GetTimestamp()
        {
            var read = Inner.GetTimestamp();
            var then = _afterRead;
            _afterRead = null;
            then?.Invoke();
            return read;
        }
    }

    sealed class Held : ITokenStore
    {
        readonly List<(TokenRequest Request, TaskCompletionSource<TokenGrant?> Done)> _asked = [];
        long _tatNs;

        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
        {
            var done = new TaskCompletionSource<TokenGrant?>();
            _asked.Add((request, done));
            return new(done.Task);
        }

        public void Answer()
        {
            foreach (var (request, done) in _asked.ToArray())
                done.SetResult(TokenGrant.Of(request, ref _tatNs, 1));
        }
    }

    sealed class Model(FakeTime clock) : ITokenStore
    {
        long _tatNs;

        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs) => new(TokenGrant.Of(request, ref _tatNs, clock.GetTimestamp() * 100));
    }

    sealed class Throwing : ITokenStore
    {
        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs) => throw new InvalidOperationException();
    }
}
