namespace Edge.Health;

/// <summary>What the last probe of a dependency found. Replaced as a whole, so that a reader never sees half of it.</summary>
/// <param name="CheckedAt">When the probe ended (UTC); null: none has yet.</param>
/// <param name="LatencyMs">How long it took; null where it failed.</param>
internal sealed record DependencyState(bool IsUp, DateTimeOffset? CheckedAt, double? LatencyMs)
{
    /// <summary>Before the first probe nothing is known to be broken.</summary>
    public static DependencyState Unknown { get; } = new(true, null, null);

    public static DependencyState Down { get; } = new(false, null, null);
}
