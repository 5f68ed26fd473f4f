using Edge.Core.Basics;
using Edge.Core.Resilience;
using Edge.Tests.Basics;

namespace Edge.Tests.Resilience;

/// <summary>
/// A service that can do so much at once, clients that come whether or not it keeps up and leave when they have waited for too long, and a gate
/// between them (or none). Event by event on a clock of its own: one seed, one history.
/// </summary>
sealed class LoadWorld : IDisposable
{
    readonly FakeTime _time = new();
    readonly RandomSource _random;
    readonly PriorityQueue<Action, (double AtMs, long Number)> _events = new();
    readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    readonly Queue<Action> _insideQueue = new();
    readonly List<(double AtMs, double LatencyMs, Criticality Class)> _useful = [];
    readonly WorkKind[]? _kinds;
    double _nowMs;
    long _number;
    int _busy;

    public LoadWorld(ulong seed, LoadGateOptions? options)
    {
        _random = new(seed);
        if (options is null)
            return;
        Gate = new(options, _time, new(seed + 1));
        _kinds = [Gate.KindOf(Criticality.Critical), Gate.KindOf(Criticality.Normal), Gate.KindOf(Criticality.Sheddable)];
    }

    /// <summary>Null: everything goes in at once.</summary>
    public LoadGate? Gate { get; }

    /// <summary>How many are served at once; the others wait inside, as for a connection of a pool.</summary>
    public int Servers { get; set; } = 20;

    public double ServiceMs { get; set; } = 10;

    /// <summary>By how much one service differs from another; 0: not at all, 1: as e to the bell.</summary>
    public double Noise { get; set; } = 0.5;

    /// <summary>How many times as long the sheddable take.</summary>
    public double SheddableFactor { get; init; } = 1;

    public double PatienceMs { get; init; } = 1_000;

    /// <summary>Of a hundred that come, so many are critical, so many sheddable.</summary>
    public (int Critical, int Sheddable) Shares { get; set; } = (2, 10);

    public int Admitted { get; private set; }

    public int Shed { get; private set; }

    public int InService { get; private set; }

    public Action? Stepped { get; set; }

    public double CapacityPerSecond =>
        Servers * 1000 / ServiceMs / Math.Exp(Noise * Noise / 2) / (1 + ((SheddableFactor - 1) * Shares.Sheddable / 100.0));

    /// <summary>Lets them come for so long.</summary>
    /// <param name="load">Offered, in multiples of <see cref="CapacityPerSecond"/> as it is now.</param>
    public void Run(double seconds, double load)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Posts(_posted));
        try
        {
            var endMs = _nowMs + (seconds * 1000);
            var meanGapMs = 1000 / (CapacityPerSecond * load);
            void Next() => At(_nowMs - (Math.Log(1 - _random.NextDouble()) * meanGapMs), () =>
            {
                if (_nowMs >= endMs)
                    return;
                Next();
                _ = Come();
            });
            Next();
            while (_events.TryPeek(out _, out var when) && when.AtMs < endMs)
                Step();
            MoveTo(endMs);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>Answered per second in the last seconds to clients that were still there.</summary>
    public double Goodput(double seconds, Criticality? only = null) =>
        _useful.Count(done => done.AtMs >= _nowMs - (seconds * 1000) && (only is null || done.Class == only)) / seconds;

    /// <summary>Of those answered in the last seconds, in milliseconds from coming to the answer.</summary>
    public double Latency(double seconds, double quantile)
    {
        var latencies = _useful.Where(done => done.AtMs >= _nowMs - (seconds * 1000)).Select(static done => done.LatencyMs).Order().ToArray();
        return latencies[(int)(quantile * (latencies.Length - 1))];
    }

    public void Dispose() => Gate?.Dispose();

    void Step()
    {
        _events.TryDequeue(out var happen, out var when);
        MoveTo(when.AtMs);
        happen!();
        Pump();
        Stepped?.Invoke();
    }

    void MoveTo(double atMs)
    {
        var ticks = (long)(atMs * TimeSpan.TicksPerMillisecond) - (_time.GetUtcNow() - FakeTime.Start).Ticks;
        _nowMs = atMs;
        if (ticks > 0)
            _time.Advance(TimeSpan.FromTicks(ticks));
        Pump();
    }

    void Pump()
    {
        while (_posted.TryDequeue(out var post))
            post.Callback(post.State);
    }

    void At(double atMs, Action happen) => _events.Enqueue(happen, (atMs, _number++));

    async Task Come()
    {
        var cameMs = _nowMs;
        var draw = _random.Next(100);
        var criticality = draw < Shares.Critical ? Criticality.Critical : draw < Shares.Critical + Shares.Sheddable ? Criticality.Sheddable : Criticality.Normal;
        using var leaves = new CancellationTokenSource(TimeSpan.FromMilliseconds(PatienceMs), _time);
        var kind = _kinds?[(int)criticality];
        if (Gate is not null)
        {
            try
            {
                if (!Gate.Admits(kind!) || !await Gate.Enter(kind!, leaves.Token))
                {
                    Shed++;
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        Admitted++;
        InService++;
        var sinceNs = Gate?.NowNs ?? 0;
        await Served(criticality == Criticality.Sheddable ? SheddableFactor : 1);
        InService--;
        Gate?.Leave(kind!, sinceNs, isDone: true);
        if (!leaves.IsCancellationRequested)
            _useful.Add((_nowMs, _nowMs - cameMs, criticality));
    }

    Task Served(double factor)
    {
        var done = new TaskCompletionSource();
        void Begin()
        {
            _busy++;
            At(_nowMs + (factor * ServiceMs * Math.Exp(Noise * _random.NextBell())), () =>
            {
                _busy--;
                while (_busy < Servers && _insideQueue.TryDequeue(out var next))
                    next();
                done.SetResult();
            });
        }
        if (_busy < Servers)
            Begin();
        else
            _insideQueue.Enqueue(Begin);
        return done.Task;
    }

    sealed class Posts(Queue<(SendOrPostCallback, object?)> posted) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => posted.Enqueue((d, state));
    }
}
