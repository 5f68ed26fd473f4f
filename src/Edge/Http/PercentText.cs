using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Edge.Http;

/// <summary>
/// Strict decoding of a query component: <c>+</c> is a space, <c>%XX</c> a byte, and the bytes must be UTF-8. The framework's
/// decoder leaves what it cannot read as it stands, which would let one value have many spellings; here it is refused.
/// </summary>
internal static class PercentText
{
    const int StackLimit = 512;

    public static bool TryDecode(ReadOnlySpan<char> encoded, out string text)
    {
        if (encoded.IndexOfAny('%', '+') < 0 && Ascii.IsValid(encoded))
        {
            text = encoded.ToString();
            return true;
        }

        text = "";
        // A char is at most three UTF-8 bytes, and an escape shrinks.
        var maxBytes = encoded.Length * 3;
        byte[]? rented = null;
        var bytes = maxBytes <= StackLimit ? stackalloc byte[StackLimit] : (rented = ArrayPool<byte>.Shared.Rent(maxBytes));
        try
        {
            if (!TryDecode(encoded, bytes, out var count) || !Utf8.IsValid(bytes[..count]))
                return false;
            text = Encoding.UTF8.GetString(bytes[..count]);
            return true;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    static bool TryDecode(ReadOnlySpan<char> encoded, Span<byte> bytes, out int count)
    {
        count = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            switch (encoded[i])
            {
                case '+':
                    bytes[count++] = (byte)' ';
                    break;
                case '%' when i + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[i + 1]) && char.IsAsciiHexDigit(encoded[i + 2]):
                    bytes[count++] = (byte)(HexValue(encoded[i + 1]) << 4 | HexValue(encoded[i + 2]));
                    i += 2;
                    break;
                case '%':
                    return false;
                case < (char)0x80:
                    bytes[count++] = (byte)encoded[i];
                    break;
                default:
                    // Kestrel hands the raw target over as ASCII; anything else came from a test host and is not a valid target.
                    return false;
            }
        }
        return true;
    }

    static int HexValue(char digit) => digit switch
    {
        <= '9' => digit - '0',
        <= 'F' => digit - 'A' + 10,
        _ => digit - 'a' + 10,
    };
}
