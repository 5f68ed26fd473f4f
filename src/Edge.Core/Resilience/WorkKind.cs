namespace Edge.Core.Resilience;

/// <summary>What is refused first when not everything can be done: the last.</summary>
public enum Criticality
{
    /// <summary>Goes ahead of everything, and beyond the cap by a reserve: signing in and out. (Health takes no permit at all.)</summary>
    Critical,

    Normal,

    /// <summary>Can be had later: exports, analytics. Leaves a quarter of the cap to the others.</summary>
    Sheddable,
}

/// <summary>
/// One kind of work, as one route: how critical it is, and how long it takes. Made by <see cref="LoadGate.KindOf"/>, once per kind.
/// </summary>
public sealed class WorkKind
{
    // Since the window began; written by whoever ends work.
    long _takenNs;
    long _done;

    // Guarded by the gate's lock from here on.
    long _doneBefore;

    internal WorkKind(Criticality criticality) => Criticality = criticality;

    public Criticality Criticality { get; }

    /// <summary>How long it takes when there is little to do, in nanoseconds. 0: not known yet.</summary>
    internal double BaselineNs { get; set; }

    /// <summary>Of the window that was taken last.</summary>
    internal long WindowNs { get; private set; }

    /// <summary>Of the window that was taken last.</summary>
    internal long WindowDone { get; private set; }

    /// <summary>Ended since this window began.</summary>
    internal long Pending => Volatile.Read(ref _done);

    /// <summary>Ended since the start.</summary>
    internal long Done => _doneBefore + Pending;

    internal void Record(long ns)
    {
        Interlocked.Add(ref _takenNs, ns);
        Interlocked.Increment(ref _done);
    }

    /// <summary>Ends a window. What is recorded meanwhile may have its time in one window and its number in the other.</summary>
    internal void Take()
    {
        WindowDone = Interlocked.Exchange(ref _done, 0);
        WindowNs = Interlocked.Exchange(ref _takenNs, 0);
        _doneBefore += WindowDone;
    }
}
