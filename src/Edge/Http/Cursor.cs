using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Http;

/// <summary>Where a page ended: the sort key and the id of its last row. A list sorts by (key, id), both descending.</summary>
/// <param name="Variant">Which of several orders the list used (search: ranked or by similarity); 0 where there is one.</param>
/// <param name="Key">The sort key as 64 bits: ticks of a UTC time, or the bits of a rank.</param>
internal readonly record struct Cursor(byte Variant, long Key, long Id)
{
    /// <summary>Before every row of a list that is sorted by time.</summary>
    public static Cursor Start { get; } = new(0, DateTime.MaxValue.Ticks, long.MaxValue);

    public static Cursor At(DateTime time, long id) => new(0, time.Ticks, id);

    public DateTime Time => new(Key, DateTimeKind.Utc);
}

/// <summary>
/// Writes and reads cursors: version, variant, key, id and a MAC over these and the list's identity (its route and filters), in
/// base64url. A cursor that was changed, or comes from another list, fails the MAC and is refused; it never turns into a first page.
/// <para>
/// All instances need one key. Without a configured key a built-in one is used: a forged cursor would then be possible, and would
/// give a position in a list that the caller may read anyway, nothing else.
/// </para>
/// </summary>
internal sealed class CursorCodec(byte[] key)
{
    const byte Version = 1;
    const int PayloadBytes = 1 + 1 + 8 + 8;
    // 96 bits: far beyond guessing, and 30 bytes are 40 whole base64 characters, so that no spare bits can be altered unseen.
    const int MacBytes = 12;
    const int TotalBytes = PayloadBytes + MacBytes;

    /// <summary>30 bytes as base64url; every cursor has this length.</summary>
    public static int TextLength { get; } = Base64Url.GetEncodedLength(TotalBytes);

    public string Write(Cursor cursor, string list)
    {
        Span<byte> bytes = stackalloc byte[TotalBytes];
        bytes[0] = Version;
        bytes[1] = cursor.Variant;
        BinaryPrimitives.WriteInt64BigEndian(bytes[2..], cursor.Key);
        BinaryPrimitives.WriteInt64BigEndian(bytes[10..], cursor.Id);
        Mac(bytes[..PayloadBytes], list, bytes[PayloadBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    public bool TryRead(string text, string list, out Cursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[TotalBytes];
        // Not TryDecodeFromChars: what it reports as false is a short destination; it throws for a character that is none of base64url's.
        if (text.Length != TextLength || Base64Url.DecodeFromChars(text, bytes, out _, out var count) != OperationStatus.Done || count != TotalBytes || bytes[0] != Version)
            return false;

        Span<byte> expected = stackalloc byte[MacBytes];
        Mac(bytes[..PayloadBytes], list, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes[PayloadBytes..]))
            return false;

        // With the built-in key anyone can seal a cursor: what it holds is hostile input all the same.
        var sortKey = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        if (sortKey < 0 || sortKey > DateTime.MaxValue.Ticks)
            return false;
        cursor = new(bytes[1], sortKey, BinaryPrimitives.ReadInt64BigEndian(bytes[10..]));
        return true;
    }

    void Mac(ReadOnlySpan<byte> payload, string list, Span<byte> destination)
    {
        var listBytes = Encoding.UTF8.GetBytes(list);
        Span<byte> message = [.. payload, .. listBytes];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message, mac);
        mac[..MacBytes].CopyTo(destination);
    }
}
