namespace Edge.Core.Resilience;

/// <summary>Why work was refused.</summary>
public enum ShedReason
{
    /// <summary>It waited for as long as it might.</summary>
    Waited,

    /// <summary>As much waited as may; or it was sheddable, and there has been a queue for a while.</summary>
    Full,

    /// <summary>The threads of this process were too far behind for it to begin.</summary>
    Threads,
}

/// <summary>What became of the work of one class since the start. (Classes, not records: their texts and comparisons would be in the binary.)</summary>
public sealed class ClassStatistics
{
    /// <summary>Was admitted and has ended.</summary>
    public long Done { get; internal set; }

    /// <summary>Had to wait, and then was admitted.</summary>
    public long Waited { get; internal set; }

    /// <summary>See <see cref="ShedReason.Waited"/>; and so on.</summary>
    public long ShedWaited { get; internal set; }

    public long ShedFull { get; internal set; }

    public long ShedThreads { get; internal set; }
}

public sealed class LoadStatistics
{
    public int Cap { get; internal set; }

    public int InFlight { get; internal set; }

    public int Waiting { get; internal set; }

    /// <summary>How many times as long as by itself work took in the last window.</summary>
    public double Stretch { get; internal set; }

    /// <summary>There has been a queue for a while: the newest goes first, and none waits for long.</summary>
    public bool IsStanding { get; internal set; }

    /// <summary>Mean wait of the work that had to wait and was admitted, since the start. 0: none had to.</summary>
    public double WaitMs { get; internal set; }

    /// <summary>How far behind the threads of this process were at the last look.</summary>
    public double ThreadsMs { get; internal set; }

    /// <summary>Part of the normal work that is refused because of that, 0 to 1.</summary>
    public double Refusing { get; internal set; }

    /// <summary>Clients that left while they waited.</summary>
    public long Left { get; internal set; }

    public ClassStatistics Critical { get; internal set; } = new();

    public ClassStatistics Normal { get; internal set; } = new();

    public ClassStatistics Sheddable { get; internal set; } = new();
}
