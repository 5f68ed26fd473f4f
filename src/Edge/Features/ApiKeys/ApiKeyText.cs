using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Features.ApiKeys;

/// <summary>
/// How an API key is written: <c>edge_</c>, 32 random bytes in base64url (43 characters), and the CRC-32C of those 48 characters, big endian in
/// base64url (6). 54 characters; for scanners that look for leaked ones, <c>edge_[A-Za-z0-9_-]{49}</c>.
/// <para>
/// By the checksum a typo, a key cut short, or whatever else a client sends in that header is refused without a lookup; scanners tell keys from
/// names that look like one. It guards nothing: everybody can compute it, so it need not be compared in constant time.
/// </para>
/// <para>
/// What is stored and looked up is the SHA-256 of the whole text. Nobody can steer how far a comparison of hashes gets, so that its time tells
/// nothing about a key; and the key itself is compared with nothing, anywhere.
/// </para>
/// </summary>
internal static class ApiKeyText
{
    const string Lead = "edge_";
    const int SecretBytes = 32;
    const int CheckedChars = 48;
    const int ChecksumChars = 6;

    /// <summary>Of a whole key.</summary>
    public const int Chars = CheckedChars + ChecksumChars;

    /// <summary>How much of a key is shown in lists: 42 of its 256 random bits.</summary>
    public const int PrefixChars = 12;

    public static string New()
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        Span<byte> text = stackalloc byte[Chars];
        Encoding.ASCII.GetBytes(Lead, text);
        Base64Url.EncodeToUtf8(secret, text[Lead.Length..]);
        WriteChecksum(text[..CheckedChars], text[CheckedChars..]);
        return Encoding.ASCII.GetString(text);
    }

    /// <summary>The hash under which a key is stored. False: this cannot be a key.</summary>
    /// <param name="text">As it was presented: anything.</param>
    /// <param name="hash">32 bytes.</param>
    public static bool TryHash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        if (text.Length != Chars || !text.StartsWith(Lead, StringComparison.Ordinal))
            return false;
        Span<byte> bytes = stackalloc byte[Chars];
        if (Ascii.FromUtf16(text, bytes, out _) != OperationStatus.Done)
            return false;
        Span<byte> checksum = stackalloc byte[ChecksumChars];
        WriteChecksum(bytes[..CheckedChars], checksum);
        if (!bytes[CheckedChars..].SequenceEqual(checksum))
            return false;
        SHA256.HashData(bytes, hash);
        return true;
    }

    static void WriteChecksum(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var crc = uint.MaxValue;
        for (var at = 0; at < CheckedChars; at += sizeof(ulong))
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(text[at..]));
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~crc);
        Base64Url.EncodeToUtf8(bytes, to);
    }
}
