using Edge.Core.Basics;

namespace Edge.Tests.Basics;

public class SipHashTests
{
    // vectors_sip128 of the authors' reference implementation: the key 00 01 … 0f, the bytes 00 01 02 … of each length.
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    public void Agrees_with_the_reference_implementation(int length, string expected)
    {
        var hash = new byte[SipHash.HashBytes];
        SipHash.Hash128(Counting(length), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Every_length_and_every_changed_bit_has_a_hash_of_its_own()
    {
        var seen = new HashSet<UInt128>();
        var texts = 0;
        for (var length = 0; length <= 64; length++)
        {
            var bytes = Counting(length);
            texts += 1 + (8 * length);
            seen.Add(Hash(bytes));
            for (var bit = 0; bit < 8 * length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                seen.Add(Hash(bytes));
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        Assert.Equal(texts, seen.Count);
    }

    static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)i)];

    static UInt128 Hash(byte[] bytes)
    {
        Span<byte> hash = stackalloc byte[SipHash.HashBytes];
        SipHash.Hash128(bytes, hash);
        return new(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
    }
}
