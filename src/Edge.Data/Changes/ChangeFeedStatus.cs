namespace Edge.Data.Changes;

/// <summary>A <see cref="ChangeFeed"/> at one moment. Counts are since its start; of batches, those that its reader has dealt with.</summary>
/// <param name="IsListening">False: changes go unheard. When it hears again, it begins with a gap.</param>
/// <param name="Since">Since when it is, or is not. Null: nobody reads it yet.</param>
/// <param name="Problem">Why it is not listening, in words that hold no address. Null while it listens, and before it has failed.</param>
/// <param name="Connections">Connections made, the first included.</param>
/// <param name="Gaps">Batches that were gaps.</param>
/// <param name="Changes">Changes in the others.</param>
/// <param name="Ignored">Messages of a subject that nobody here knows.</param>
/// <param name="Malformed">Messages that made no sense: each became a gap.</param>
public sealed record ChangeFeedStatus(
    bool IsListening, DateTimeOffset? Since, string? Problem,
    long Connections, long Gaps, long Batches, long Changes, long Ignored, long Malformed);
