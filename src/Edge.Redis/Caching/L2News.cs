using System.Globalization;
using System.Numerics;
using System.Text;
using Edge.Core.Caching.L2;

namespace Edge.Redis.Caching;

/// <summary>
/// Messages of the news channel. The first byte is the version of the format, '1'; the second the kind. <c>1F</c> and a key: its lease was
/// given back. <c>1I</c> and four words with a space between: epoch, version, places, their generations, the last two with commas; where the
/// change that was reported has a name, another space and that name, which may be any text.
/// </summary>
static class L2News
{
    public static bool TryParse(ReadOnlySpan<byte> message, out L2Event news)
    {
        news = default;
        if (message.StartsWith("1F"u8))
        {
            news = new(L2EventKind.Filled, Key: Encoding.UTF8.GetString(message[2..]));
            return true;
        }
        var spaces = message.Count((byte)' ');
        if (!message.StartsWith("1I"u8) || spaces < 3) return false;

        var rest = message[2..];
        var epoch = Take(ref rest, ' ');
        if (epoch.IsEmpty || !TryParseNumber(Take(ref rest, ' '), out long version)) return false;
        if (!TryParseNumbers(Take(ref rest, ' '), out int[] places) || !TryParseNumbers(Take(ref rest, ' '), out uint[] at)) return false;
        if (places.Length != at.Length || rest.IsEmpty != (spaces == 3)) return false;
        news = new(
            L2EventKind.Invalidated, new(new(Encoding.UTF8.GetString(epoch), version), places, at),
            ChangeId: rest.IsEmpty ? null : Encoding.UTF8.GetString(rest));
        return true;
    }

    static bool TryParseNumbers<T>(ReadOnlySpan<byte> list, out T[] numbers)
        where T : INumberBase<T>
    {
        numbers = list.IsEmpty ? [] : new T[list.Count((byte)',') + 1];
        foreach (ref var number in numbers.AsSpan())
            if (!TryParseNumber(Take(ref list, ','), out number!)) return false;
        return true;
    }

    static bool TryParseNumber<T>(ReadOnlySpan<byte> digits, out T? number)
        where T : INumberBase<T> => T.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>What stands before the next separator, or all there is.</summary>
    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, char separator)
    {
        var end = rest.IndexOf((byte)separator);
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return word;
    }
}
