namespace Edge.Data.Changes;

/// <summary>How soon changes are told, and how soon a lost connection is noticed.</summary>
public sealed record ChangeFeedOptions
{
    /// <summary>
    /// Feeds of one group cover each other's gaps: whoever reads them keeps in one place what it makes of the changes. Default: empty, a group
    /// like any other. Two feeds of different purposes must not share one.
    /// </summary>
    public string Group { get; init; } = "";

    /// <summary>
    /// Milliseconds between two batches, at least, and between two flushes of what concurrent writers left, while there is something to
    /// hear. The first change after a quiet while is not delayed. Default 50. Range: 1 and up.
    /// </summary>
    public int BatchIntervalMs { get; init; } = 50;

    /// <summary>
    /// Milliseconds between two flushes while there is nothing to hear; each is also a sign of life. Default 500: with it, every change is
    /// heard within a second. Range: <see cref="BatchIntervalMs"/> and up.
    /// </summary>
    public int IdleIntervalMs { get; init; } = 500;

    /// <summary>
    /// Milliseconds that connecting or a flush may take before the connection counts as lost. Default 5,000. A link that dies in silence is
    /// noticed within this plus <see cref="IdleIntervalMs"/>. Range: 1 and up.
    /// </summary>
    public int AnswerTimeoutMs { get; init; } = 5_000;

    /// <summary>
    /// Milliseconds for which the server may be unable to send before it drops the connection: a listener that hangs must not fill the queue
    /// that all share. Default 30,000. Range: 1 and up. Without effect on a Unix socket.
    /// </summary>
    public int SendTimeoutMs { get; init; } = 30_000;

    /// <summary>Milliseconds to wait after the first failed attempt; doubles from one to the next. Default 50. Range: 1 and up.</summary>
    public int BackoffBaseMs { get; init; } = 50;

    /// <summary>Most milliseconds between two attempts. Default 2,000. Range: <see cref="BackoffBaseMs"/> and up.</summary>
    public int BackoffMaxMs { get; init; } = 2_000;
}
