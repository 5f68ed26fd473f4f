using System.Buffers;
using System.Text;

namespace Edge.Http;

/// <summary>
/// Several headers in the value of one.
///
/// <para>Kestrel has fields for the headers that it knows by name. All others it keeps in a dictionary: each costs two hashes without regard to case, a look at
/// each of its characters, an entry, and most of it again when it is written and cleared. Nine of those of a cached read are of this kind, and eight are always
/// said together. These are set as one, the <see cref="Carrier"/>: in its value a character of Unicode's private use area stands for the end of a
/// line and the name of the next header, and Kestrel's own hook for other encodings of values (<c>ResponseHeaderEncodingSelector</c>) writes it so. On the wire
/// nothing of it is to be seen.</para>
///
/// <para>(Tried: a header that Kestrel knows, which would cost no entry at all. It writes those as ASCII, whatever the hook says.)</para>
///
/// <para><b>No way in for others' line breaks.</b> Only the carrier is encoded here, and its value is made of constants, of numbers and of the names of
/// policies. Every other header stays ASCII, and Kestrel refuses control characters in all, in the carrier too.</para>
///
/// <para>HTTP/1.1 only, which is all that Edge speaks (<c>EdgeHost</c>): HTTP/2 has no lines.</para>
/// </summary>
internal sealed class HeaderLines : Encoding
{
    public const string Carrier = "X-Content-Type-Options";

    // A character for each header that can follow in the carrier: its place in Names, from the first of the private use area on.
    public const char ReferrerPolicy = '\uE000';
    public const char ContentSecurityPolicy = '\uE001';
    public const char RateLimit = '\uE002';
    public const char RateLimitPolicy = '\uE003';
    public const char XRateLimitLimit = '\uE004';
    public const char XRateLimitRemaining = '\uE005';
    public const char XRateLimitReset = '\uE006';

    /// <summary>What every answer carries. JSON needs no rights whatever: nothing loads, nothing frames it.</summary>
    public static readonly string Security =
        $"nosniff{ReferrerPolicy}no-referrer{ContentSecurityPolicy}default-src 'none'; frame-ancestors 'none'";

    static readonly string[] Names =
    [
        "Referrer-Policy", "Content-Security-Policy", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
    ];

    static readonly byte[][] Beginnings = Array.ConvertAll(Names, static name => ASCII.GetBytes($"\r\n{name}: "));

    static readonly SearchValues<char> Ends = SearchValues.Create(
        [ReferrerPolicy, ContentSecurityPolicy, RateLimit, RateLimitPolicy, XRateLimitLimit, XRateLimitRemaining, XRateLimitReset]);

    static readonly HeaderLines Instance = new();

    /// <summary>For Kestrel: how the values of the header are written. Null: as ASCII.</summary>
    public static Encoding? EncodingOf(string name) => name == Carrier ? Instance : null;

    public override int GetByteCount(ReadOnlySpan<char> chars)
    {
        // Kestrel asks this of each value before it is written: a look at each of 250 characters took as long as a decision of the limiter.
        var count = chars.Length;
        for (int at; (at = chars.IndexOfAny(Ends)) >= 0; chars = chars[(at + 1)..])
            count += Beginnings[chars[at] - ReferrerPolicy].Length - 1;
        return count;
    }

    /// <exception cref="ArgumentException">There is no room.</exception>
    public override int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes)
    {
        var written = 0;
        while (true)
        {
            var status = Ascii.FromUtf16(chars, bytes[written..], out var copied);
            written += copied;
            if (status == OperationStatus.Done)
                return written;
            if (status != OperationStatus.InvalidData)
                throw new ArgumentException("There is no room for the text.", nameof(bytes));
            // It stopped at what is not ASCII.
            var beginning = Beginnings[chars[copied] - ReferrerPolicy];
            beginning.CopyTo(bytes[written..]);
            written += beginning.Length;
            chars = chars[(copied + 1)..];
        }
    }

    public override int GetByteCount(string s) => GetByteCount(s.AsSpan());

    public override int GetByteCount(char[] chars, int index, int count) => GetByteCount(chars.AsSpan(index, count));

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        GetBytes(chars.AsSpan(charIndex, charCount), bytes.AsSpan(byteIndex));

    /// <summary>Of the longest beginning of a line, in each place.</summary>
    public override int GetMaxByteCount(int charCount) => charCount * 64;

    // Values are written, never read.
    public override int GetCharCount(byte[] bytes, int index, int count) => throw new NotSupportedException();

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => throw new NotSupportedException();

    public override int GetMaxCharCount(int byteCount) => throw new NotSupportedException();
}
