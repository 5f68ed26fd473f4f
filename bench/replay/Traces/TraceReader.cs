using System.Globalization;

namespace Edge.Replay.Traces;

internal enum TraceFormat
{
    /// <summary><c>key</c> or <c>key size</c> per line.</summary>
    Keys,
    /// <summary><c>start count ignored ignored</c> per line, as in ARC's traces: blocks start … start + count − 1.</summary>
    Arc,
}

/// <summary>Reads public traces. Empty lines are skipped; a line that makes no sense ends the reading with its number.</summary>
internal static class TraceReader
{
    internal const int ArcBlockBytes = 512;
    internal const int DefaultBytes = 4096;

    /// <param name="sizeBytes">Of requests that name none; 0 = the format's own.</param>
    public static Trace Read(TextReader reader, string name, TraceFormat format, int sizeBytes, int maxRequests) =>
        format == TraceFormat.Arc
            ? ReadBlocks(reader, name, sizeBytes == 0 ? ArcBlockBytes : sizeBytes, maxRequests)
            : ReadKeys(reader, name, sizeBytes == 0 ? DefaultBytes : sizeBytes, maxRequests);

    static Trace ReadKeys(TextReader reader, string name, int defaultBytes, int maxRequests)
    {
        var builder = new TraceBuilder<string>(name, maxRequests);
        for (var number = 1; !builder.IsFull && reader.ReadLine() is { } line; number++)
        {
            var words = Words(line);
            if (words.Length == 0) continue;
            var size = defaultBytes;
            if (words.Length > 2 || (words.Length == 2 && !TryParse(words[1], out size)))
                throw new FormatException($"line {number}: expected `key` or `key size`, found '{line}'");
            builder.Add(words[0], size);
        }
        return builder.Build();
    }

    static Trace ReadBlocks(TextReader reader, string name, int blockBytes, int maxRequests)
    {
        var builder = new TraceBuilder<long>(name, maxRequests);
        for (var number = 1; !builder.IsFull && reader.ReadLine() is { } line; number++)
        {
            var words = Words(line);
            if (words.Length == 0) continue;
            if (words.Length < 2 || !TryParse(words[0], out long start) || !TryParse(words[1], out int count))
                throw new FormatException($"line {number}: expected `start count ignored ignored`, found '{line}'");
            for (var block = 0; block < count && !builder.IsFull; block++) builder.Add(start + block, blockBytes);
        }
        return builder.Build();
    }

    static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    static bool TryParse<T>(string text, out T number) where T : struct, System.Numerics.INumberBase<T> =>
        T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
