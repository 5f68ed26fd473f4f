using Edge.Core.Basics;

namespace Edge.Core.Resilience;

/// <summary>
/// How much work may be under way at once, found by how much longer it takes than when there is little of it. A pure function of the windows it
/// is told; <see cref="LoadGate"/> holds the work to it.
///
/// <para><b>The gradient</b> (Netflix concurrency-limits, Gradient2; Envoy's adaptive concurrency). Where K is the work that the service can do at
/// once, n of it under way take about n ÷ K times as long as K do: that is the stretch. The next cap is cap × tolerance ÷ stretch + √cap, which
/// comes to rest near tolerance × K: enough that the service never waits for work, and little more than that.</para>
///
/// <para><b>What is different here.</b></para>
/// <list type="bullet">
/// <item>The stretch is that of the work that was done: the time it took, over the time that its kinds take when there is little to do. One mean
/// for everything would take a change from short requests to long ones for an overload.</item>
/// <item>The baselines rise only while little is under way. Gradient2 compares with a long average, which learns an overload of minutes as the
/// usual: its limit then grows without end, as the schedules of AdaptiveCapTests showed of our first try.</item>
/// </list>
///
/// <para><b>A window</b>, as numbered in the code:
/// (1) the time taken by each kind, and the time expected of it; a kind that was not seen before is as expected;
/// (2) baselines follow what is quicker at once, and what is slower only where at most a quarter of the cap was under way;
/// (3) where at least half of the cap was in use, or somebody had to wait, the cap goes a part of the way to the next one;
/// (4) where the cap has been full for <see cref="LoadGateOptions.ProbeMs"/> and nothing told how long work takes by itself, it is tried: for a few windows a
/// quarter of the cap holds, though never less than the floor. A service that has become slower keeps its cap that way, and one that was learned
/// under load finds its own: each probe brings a cap that is too high by a factor down by half of it. As long as they do, and at the start, probes come
/// <see cref="HurryFactor"/> times as often.
/// </para>
///
/// <para>The floor is worth a thought where a service does much at once: below it nothing is measured, so that a service that can do less than
/// the floor is taken for one that can do as much. Not thread-safe.</para>
/// </summary>
public sealed class AdaptiveCap(LoadGateOptions options, RandomSource random)
{
    /// <summary>How much longer than by itself work may take.</summary>
    const double Tolerance = 2;

    /// <summary>The part of the way to a higher cap that one window goes.</summary>
    const double StepUp = 0.25;

    /// <summary>To a lower one: as long as it is too high, everybody waits.</summary>
    const double StepDown = 0.5;

    /// <summary>The part by which a baseline follows a window of at least <see cref="EnoughDone"/>; of fewer, less.</summary>
    const double Learning = 0.2;

    const int EnoughDone = 16;

    /// <summary>Where at most this part of the cap is under way, work takes the time that it takes by itself.</summary>
    const int QuietPart = 4;

    /// <summary>Longest probe. Its first window is not looked at: it ends what began before.</summary>
    const int ProbeWindows = 5;

    const int HurryFactor = 10;

    /// <summary>What is learned to take less than this part of what was expected was learned under load.</summary>
    const double Overestimated = 0.8;

    double _cap = Math.Clamp(options.Initial, options.Floor, options.Ceiling);
    int _probeLeft;
    long _quietAtNs;
    double _probeAfterNs = options.ProbeMs * 1e6 / HurryFactor;

    /// <summary>What holds now.</summary>
    public int Cap => _probeLeft > 0 ? ProbeCap : (int)_cap;

    /// <summary>Times taken over times expected, in the last window.</summary>
    public double Stretch { get; private set; } = 1;

    int ProbeCap => Math.Max(options.Floor, (int)_cap / QuietPart);

    /// <param name="wasFull">Somebody had to wait or was refused for the cap's sake.</param>
    /// <param name="kinds">With the window taken (<see cref="WorkKind.Take"/>).</param>
    public void Close(long nowNs, long windowNs, bool wasFull, ReadOnlySpan<WorkKind> kinds)
    {
        // (1)
        var (taken, expected) = (0.0, 0.0);
        foreach (var kind in kinds)
        {
            if (kind.WindowDone == 0)
                continue;
            if (kind.BaselineNs == 0)
                kind.BaselineNs = Math.Max(1, MeanNs(kind));
            taken += kind.WindowNs;
            expected += kind.WindowDone * kind.BaselineNs;
        }
        if (expected == 0)
            return;
        Stretch = taken / expected;
        var underWay = taken / windowNs; // Little's law

        if (_probeLeft > 0)
        {
            var isFirst = _probeLeft == ProbeWindows;
            _probeLeft--;
            if (_probeLeft == 0 || (!isFirst && underWay <= ProbeCap * 1.25))
                Relearn(nowNs, kinds);
            return;
        }
        // (2)
        var isQuiet = underWay <= Math.Max(1, _cap / QuietPart);
        if (isQuiet)
            _quietAtNs = nowNs;
        foreach (var kind in kinds)
            if (kind.WindowDone > 0 && (isQuiet || MeanNs(kind) < kind.BaselineNs))
                Learn(kind, Learning * Math.Min(1, (double)kind.WindowDone / EnoughDone));
        // (3)
        if (wasFull || underWay >= _cap / 2)
        {
            var next = _cap * Math.Clamp(Tolerance / Stretch, 0.5, 1) + Math.Sqrt(_cap);
            _cap = Math.Clamp(_cap + (next - _cap) * (next < _cap ? StepDown : StepUp), options.Floor, options.Ceiling);
        }
        // (4) Instances that were overloaded together are not to be slower together.
        if (wasFull && nowNs - _quietAtNs > _probeAfterNs)
            _probeLeft = ProbeWindows;
    }

    void Relearn(long nowNs, ReadOnlySpan<WorkKind> kinds)
    {
        _probeLeft = 0;
        _quietAtNs = nowNs;
        _probeAfterNs = options.ProbeMs * 1e6 * (0.75 + random.NextDouble() / 2) / (Stretch < Overestimated ? HurryFactor : 1);
        foreach (var kind in kinds)
            if (kind.WindowDone > 0)
                Learn(kind, Math.Min(1, (double)kind.WindowDone / EnoughDone));
    }

    static void Learn(WorkKind kind, double part) => kind.BaselineNs = Math.Max(1, kind.BaselineNs + (MeanNs(kind) - kind.BaselineNs) * part);

    static double MeanNs(WorkKind kind) => (double)kind.WindowNs / kind.WindowDone;
}
