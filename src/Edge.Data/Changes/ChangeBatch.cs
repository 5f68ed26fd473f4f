namespace Edge.Data.Changes;

/// <summary>What was heard in a short while, each row once.</summary>
/// <param name="IsGap">Anything may have changed, unheard: whatever was read before this batch came may be outdated. No changes then.</param>
/// <param name="IsCovered">
/// Of a gap: another feed of the same group has heard what was missed here, and tells of it. Only what this process keeps may be outdated.
/// </param>
public sealed record ChangeBatch(bool IsGap, IReadOnlyList<RowChange> Changes, bool IsCovered = false)
{
    public static readonly ChangeBatch Gap = new(IsGap: true, []);

    public static readonly ChangeBatch CoveredGap = new(IsGap: true, [], IsCovered: true);
}
