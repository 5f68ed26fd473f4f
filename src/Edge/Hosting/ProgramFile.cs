using System.Globalization;

namespace Edge.Hosting;

/// <summary>A file as it is mapped into the process, as Linux tells it (proc(5), "smaps").</summary>
internal static class ProgramFile
{
    /// <summary>
    /// The parts that can be forgotten and read again: those that nobody can write to, and of which no page was changed before that was so (relocated
    /// addresses, a stack cookie), be it in memory or swapped out. Where the kernel does not tell, there are none.
    /// </summary>
    /// <param name="smaps">Line by line.</param>
    /// <param name="path">Of a file that stays mapped where it is, which is so of the program itself. Of another one the addresses might be somebody else's by now.</param>
    public static List<(nint Start, nint Bytes)> CleanParts(IEnumerable<string> smaps, string path)
    {
        var parts = new List<(nint, nint)>();
        ((nint, nint)? part, var isSame, var wasOfFile) = (null, false, false);
        foreach (var line in smaps)
        {
            if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                isSame = IsZero(line);
            }
            else if (line.StartsWith("Swap:", StringComparison.Ordinal))
            {
                if (part is { } clean && isSame && IsZero(line))
                    parts.Add(clean);
                part = null;
            }
            else if (IsHead(line))
            {
                // Its parts lie together, and the kernel makes a line when it is read: what comes behind them is not asked for.
                var isOfFile = line.EndsWith(path, StringComparison.Ordinal);
                if (wasOfFile && !isOfFile)
                    break;
                (part, isSame, wasOfFile) = (Mapping(line, path), false, isOfFile);
            }
        }
        return parts;
    }

    static bool IsZero(string line) => line.AsSpan(line.IndexOf(':') + 1).Trim() is "0 kB";

    /// <summary>Of a mapping: it begins with an address, where the others begin with a name.</summary>
    static bool IsHead(string line) => line.Length > 0 && char.IsAsciiHexDigitLower(line[0]);

    // As in "55d0c8a2b000-55d0c9611000 r-xp 0002a000 fe:01 1234  /app/edge": addresses, rights, offset, device, inode, path. Null: another file, or writable.
    static (nint, nint)? Mapping(string line, string path)
    {
        Span<Range> words = stackalloc Range[6];
        if (line.AsSpan().Split(words, ' ', StringSplitOptions.RemoveEmptyEntries) < 6 || line.AsSpan(words[1]) is not ("r-xp" or "r--p") || !line.AsSpan(words[5]).SequenceEqual(path))
            return null;
        var range = line.AsSpan(words[0]);
        var dash = range.IndexOf('-');
        return nint.TryParse(range[..Math.Max(0, dash)], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            && nint.TryParse(range[(dash + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end)
                ? (start, end - start)
                : null;
    }
}
