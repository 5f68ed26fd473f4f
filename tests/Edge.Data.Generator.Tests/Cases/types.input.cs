using Edge.Data;

namespace Shop;

public enum OrderStatus
{
    Pending,
    InProgress,
    HTTPError,
    AlsoPending = Pending,
}

public sealed record Everything(
    bool Flag, short Small, int Whole, long Large, float Single, double Double, decimal Exact, string Text, Guid Id, DateTime At,
    DateTimeOffset AtOffset, DateOnly Day, TimeSpan Span, byte[] Bytes, ReadOnlyMemory<byte>? Memory, OrderStatus Status, OrderStatus? Before,
    int[]? Wholes, string?[] Texts, DateTimeOffset? Until);

internal static partial class TypeQueries
{
    [Sql("""
        select flag, small, whole, large, single, "double", exact, text, id, at, at_offset, day, span, bytes, memory, status, before,
               wholes, texts, until
        from everything
        where flag = @flag and small = @small and whole = @whole and large = @large and single = @single and "double" = @double
          and exact = @exact and text = @text and id = @id and at = @at and at_offset = @atOffset and day = @day and span = @span
          and bytes = @bytes and memory = @memory and status = @status and before = @before and wholes = @wholes and texts = @texts
          and until = @until and status = any(@statuses) and status = any(@more) and at_offset = any(@moments)
        """)]
    public static partial ValueTask<List<Everything>> All(
        Database database, bool? flag, short small, int? whole, long large, float single, double @double, decimal exact, string? text,
        Guid id, DateTime at, DateTimeOffset atOffset, DateOnly day, TimeSpan? span, byte[]? bytes, ReadOnlyMemory<byte> memory,
        OrderStatus status, OrderStatus? before, int[]? wholes, string?[] texts, DateTimeOffset? until, OrderStatus[] statuses,
        OrderStatus[]? more, DateTimeOffset[] moments, CancellationToken cancel);
}
