using Edge.Core.Basics;
using Edge.Core.RateLimiting;
using Edge.Tests.Basics;
using Edge.Tests.Caching.Interleaving;

namespace Edge.Tests.RateLimiting;

/// <summary>
/// Several instances, one key (or two, of which each request takes), one store, on one thread and a clock that only the world moves: a seed is a schedule. Requests take time to
/// the store and back, get lost on either way, and instances are replaced by new ones that know nothing.
/// </summary>
sealed class LimiterWorld : ITokenStore
{
    public const long Second = 1_000_000_000;

    public static readonly UInt128 Key = 7;

    /// <summary>Longest time a request takes there, and an answer back.</summary>
    public const long DelayNs = 5_000_000;

    readonly PriorityQueue<Action, long> _events = new();
    readonly FakeTime _clock = new();
    readonly RandomSource _random;
    readonly SteppedScheduler _scheduler;
    readonly LimiterOptions _options;
    readonly KeyedLimiter[][] _nodes;
    readonly long[] _tatNs = new long[2];
    long _nowNs;
    LimitDecision _last;

    public LimiterWorld(ulong seed, RateLimit limit, LimiterOptions options, int nodes, RateLimit? other = null)
    {
        (_random, _options, Limit, Other) = (new(seed), options, limit, other);
        _scheduler = new(new(RandomSource.Mix(seed)));
        _nodes = [.. Enumerable.Range(0, nodes).Select(_ => NewNode())];
    }

    public RateLimit Limit { get; }

    /// <summary>Null: a request takes of one bucket only.</summary>
    public RateLimit? Other { get; }

    /// <summary>Of a hundred requests to the store, how many get lost.</summary>
    public int LostPercent { get; set; }

    /// <summary>At most <see cref="DelayNs"/>.</summary>
    public long LongestDelayNs { get; init; } = DelayNs;

    /// <summary>Nothing reaches the store.</summary>
    public bool IsCut { get; set; }

    /// <summary>A store that breaks its word: it does not keep back what comes back within a lease's life.</summary>
    public bool IsGenerous { get; init; }

    public long Asks { get; private set; }

    /// <summary>Requests that were admitted, and when, in the order in which it was decided.</summary>
    public List<(long AtNs, int Cost)> Admitted { get; } = [];

    public List<LimitDecision> Refused { get; } = [];

    public int Undecided { get; private set; }

    public void Request(int node, int cost)
    {
        Undecided++;
        _ = Task.Factory.StartNew(
            async () =>
            {
                var decision = Other is null ? await _nodes[node][0].Decide(Key, Limit, cost) : await TakeBoth(_nodes[node], cost);
                Undecided--;
                _last = decision;
                if (decision.IsAllowed)
                    Admitted.Add((_nowNs, cost));
                else
                    Refused.Add(decision);
            },
            CancellationToken.None, TaskCreationOptions.None, _scheduler);
        Settle();
    }

    /// <summary>One request, and what it is answered, at least <paramref name="waitNs"/> later.</summary>
    public LimitDecision Ask(int node, long waitNs)
    {
        Request(node, cost: 1);
        do
            Wait(waitNs);
        while (Undecided > 0);
        return _last;
    }

    public void Replace(int node) => _nodes[node] = NewNode();

    public void Wait(long ns)
    {
        var end = _nowNs + ns;
        while (_events.TryPeek(out var happens, out var atNs) && atNs <= end)
        {
            _events.Dequeue();
            MoveTo(atNs);
            happens();
            Settle();
        }
        MoveTo(end);
    }

    public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
    {
        Asks++;
        var answer = new TaskCompletionSource<TokenGrant?>();
        var lost = IsCut ? 0 : _random.Next(100) < LostPercent ? _random.Next(2) : 2;
        At(timeoutMs * 1_000_000L, () => answer.TrySetResult(null));
        if (lost > 0)
            At(Delay(), () =>
            {
                var grant = TokenGrant.Of(IsGenerous ? request with { LifeNs = 0 } : request, ref _tatNs[request.Key == Key ? 0 : 1], _nowNs);
                if (lost > 1)
                    At(Delay(), () => answer.TrySetResult(grant));
            });
        return new(answer.Task);
    }

    /// <summary>What the store has left of the first bucket.</summary>
    public int Left => Gcra.Decide(_tatNs[0], _nowNs, Limit, cost: 0).Remaining;

    async Task<LimitDecision> TakeBoth(KeyedLimiter[] node, int cost)
    {
        LimitTake[] takes = [new(node[0], Key, Limit, cost), new(node[1], Key + 1, Other!.Value, cost)];
        if (!LimitTakes.TryTake(takes, out var isAllowed))
            isAllowed = await LimitTakes.Asking(takes);
        Assert.Equal(isAllowed, takes[0].Decision.IsAllowed && takes[1].Decision.IsAllowed);
        return takes[0].Decision.IsAllowed ? takes[1].Decision : takes[0].Decision;
    }

    KeyedLimiter[] NewNode() => [new(_options, this, _clock), new(_options, this, _clock)];

    long Delay() => _random.Next((int)LongestDelayNs);

    void At(long afterNs, Action happens) => _events.Enqueue(happens, _nowNs + afterNs);

    void MoveTo(long ns)
    {
        // The fake clock counts in tenths of a microsecond: what is between is rounded down, and never lost.
        _clock.Advance(TimeSpan.FromTicks((ns / 100) - (_nowNs / 100)));
        _nowNs = ns;
    }

    void Settle()
    {
        while (_scheduler.Ready > 0)
            _scheduler.Step();
    }
}
