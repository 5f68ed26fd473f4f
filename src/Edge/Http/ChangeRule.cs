using Edge.Data.Changes;

namespace Edge.Http;

/// <summary>Which answers a change in the database makes invalid.</summary>
/// <param name="Subject">As in 0003_changes.sql. Several features may have a rule for one.</param>
/// <param name="TagsOf">The tags of those answers. A change without a key is one of any row of the subject.</param>
internal sealed record ChangeRule(string Subject, Func<RowChange, string[]> TagsOf);
