using Edge.Data;

namespace Edge.IntegrationTests.Data;

public sealed record Scalars(
    bool Flag, short Small, int Whole, long Large, float Single, double Double, decimal Exact, string Text, Guid Id,
    DateTime At, DateTimeOffset AtOffset, DateOnly Day, TimeSpan Span, byte[] Bytes, ReadOnlyMemory<byte> Memory, Mood Mood);

public sealed record Optionals(
    bool? Flag, short? Small, int? Whole, long? Large, float? Single, double? Double, decimal? Exact, string? Text, Guid? Id,
    DateTime? At, DateTimeOffset? AtOffset, DateOnly? Day, TimeSpan? Span, byte[]? Bytes, ReadOnlyMemory<byte>? Memory, Mood? Mood,
    int[]? Wholes);

public sealed record Arrays(
    bool[] Flags, short[] Smalls, int[] Wholes, long[] Larges, float[] Singles, double[] Doubles, decimal[] Exacts, string[] Texts,
    Guid[] Ids, DateTime[] Ats, DateTimeOffset[] AtOffsets, DateOnly[] Days, TimeSpan[] Spans, byte[][] Blobs, int?[] Gaps,
    string?[] Holes);

/// <summary>Every type that a parameter or a column may have, sent and read back.</summary>
internal static partial class TypeQueries
{
    [Sql("""
        select @flag as flag, @small as small, @whole as whole, @large as large, @single as single, @double as double, @exact as exact,
               @text as text, @id as id, @at as at, @atOffset as at_offset, @day as day, @span as span, @bytes as bytes,
               @memory as memory, @mood as mood
        """)]
    public static partial ValueTask<Scalars> EchoScalars(
        Database database, bool flag, short small, int whole, long large, float single, double @double, decimal exact, string text, Guid id,
        DateTime at, DateTimeOffset atOffset, DateOnly day, TimeSpan span, byte[] bytes, ReadOnlyMemory<byte> memory, Mood mood,
        CancellationToken cancel);

    [Sql("""
        select @flag as flag, @small as small, @whole as whole, @large as large, @single as single, @double as double, @exact as exact,
               @text as text, @id as id, @at as at, @atOffset as at_offset, @day as day, @span as span, @bytes as bytes,
               @memory as memory, @mood as mood, @wholes as wholes
        """)]
    public static partial ValueTask<Optionals> EchoOptionals(
        Database database, bool? flag, short? small, int? whole, long? large, float? single, double? @double, decimal? exact, string? text,
        Guid? id, DateTime? at, DateTimeOffset? atOffset, DateOnly? day, TimeSpan? span, byte[]? bytes, ReadOnlyMemory<byte>? memory,
        Mood? mood, int[]? wholes, CancellationToken cancel);

    [Sql("""
        select @flags as flags, @smalls as smalls, @wholes as wholes, @larges as larges, @singles as singles, @doubles as doubles,
               @exacts as exacts, @texts as texts, @ids as ids, @ats as ats, @atOffsets as at_offsets, @days as days, @spans as spans,
               @blobs as blobs, @gaps as gaps, @holes as holes
        """)]
    public static partial ValueTask<Arrays> EchoArrays(
        Database database, bool[] flags, short[] smalls, int[] wholes, long[] larges, float[] singles, double[] doubles, decimal[] exacts,
        string[] texts, Guid[] ids, DateTime[] ats, DateTimeOffset[] atOffsets, DateOnly[] days, TimeSpan[] spans, byte[][] blobs,
        int?[] gaps, string?[] holes, CancellationToken cancel);

    [Sql("select @moods::text[] is null")]
    public static partial ValueTask<bool> IsNull(Database database, Mood[]? moods, CancellationToken cancel);
}
