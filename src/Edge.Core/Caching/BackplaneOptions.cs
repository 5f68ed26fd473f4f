namespace Edge.Core.Caching;

/// <summary>How long an instance relies on the second level, and on itself without it. Milliseconds.</summary>
public sealed record BackplaneOptions
{
    /// <summary>Deadline of each call. A cold read waits at most this long for a second level that hangs, and only until it is closed. Default 100.</summary>
    public int TimeoutMs { get; init; } = 100;

    /// <summary>Cut off from the others, an instance has what it holds loaded anew after this time. Default 10,000.</summary>
    public int CutOffMs { get; init; } = 10_000;
}
