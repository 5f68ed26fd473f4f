namespace Edge.Data.Changes;

/// <summary>What a committed transaction changed of what answers show.</summary>
/// <param name="Subject">As in 0003_changes.sql: a table, or one aspect of it.</param>
/// <param name="Key">The row. Null: any of the subject's.</param>
/// <param name="Number">
/// Of the last transaction to commit of those that the batch stands for: random in part, so that nobody knows it before (0010_unguessable.sql). Every instance
/// hears the same triples in the same order, so that a triple is a token by which instances can leave to one of them what need not be done by each:
/// whoever finds one acted upon knows that somebody acted after that commit.
/// </param>
public sealed record RowChange(string Subject, string? Key, ulong Number);
