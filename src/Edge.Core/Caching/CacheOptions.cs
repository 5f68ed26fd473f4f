using Edge.Core.Basics;
using Edge.Core.Caching.L2;

namespace Edge.Core.Caching;

public sealed record CacheOptions
{
    /// <summary>Memory for entries, in bytes. Range: 1 MiB and up.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>What the instances share. Null: this one is on its own.</summary>
    public ISecondLevel? SecondLevel { get; init; }

    public BackplaneOptions Backplane { get; init; } = new();

    /// <summary>Told when the second level is used again (null) or not any more (why, for the log).</summary>
    public Action<string?> Turned { get; init; } = static _ => { };

    /// <summary>Where loads and loops run. Tests bring one that they step through.</summary>
    internal TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>Grain of all times in the cache.</summary>
    internal int TickMs { get; init; } = CoarseClock.TickMs;

    /// <summary>Names that are told apart when they are invalidated; the same on all instances.</summary>
    internal int SlotCount { get; init; } = Generations.DefaultSlotCount;
}
