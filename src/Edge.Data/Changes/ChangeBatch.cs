namespace Edge.Data.Changes;

/// <summary>What was heard in a short while, each row once.</summary>
/// <param name="IsGap">Anything may have changed, unheard: whatever was read before this batch came may be outdated. No changes then.</param>
public sealed record ChangeBatch(bool IsGap, IReadOnlyList<RowChange> Changes)
{
    public static readonly ChangeBatch Gap = new(IsGap: true, []);
}
