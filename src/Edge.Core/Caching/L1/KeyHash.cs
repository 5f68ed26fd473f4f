using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Core.Basics;

namespace Edge.Core.Caching.L1;

/// <summary>
/// A seeded 32-bit hash of a key's characters. Keys come from request paths, so whoever writes requests chooses them: the
/// seed must be random per process, and no set of keys may collide under every seed. The framework's own string hash
/// (Marvin) has that property, but goes through a chain of adds and rotates for every 4 bytes.
/// <para>
/// This is NH (Black and others 1999, the heart of UMAC): every 8 bytes are added to a secret of their own, their
/// halves are multiplied, the products are summed. The products do not depend on each other, so a processor does
/// several at once, and for any two keys the chance over the secrets that their sums are equal is 2⁻³²: proved, not
/// hoped for. Longer keys than <see cref="BlockBytes"/> chain such sums.
/// </para>
/// <para>
/// Tried: wyhash's folded 128-bit products, which native code without BMI2 computes in four multiplications (16 ns for keys
/// of 25 to 37 characters, where this takes 10 and Marvin 23). Not tried: CRC32C, which is linear: keys that collide under one seed do
/// so under all.
/// </para>
/// </summary>
internal sealed class KeyHash
{
    internal const int BlockBytes = 256;
    const int WordBytes = sizeof(ulong);
    // The highest bit is always set, so that 0 is the hash of no key (EntryTable's mark).
    const uint Present = 0x80000000;
    const ulong Golden = 0x9E3779B97F4A7C15;

    // One per word of a block, one for the tail of a full block, one for the start.
    readonly ulong[] secrets = new ulong[BlockBytes / WordBytes + 2];

    public KeyHash(ulong seed)
    {
        var random = new RandomSource(seed);
        for (var i = 0; i < secrets.Length; i++) secrets[i] = random.NextUInt64();
    }

    public uint Of(ReadOnlySpan<char> key)
    {
        ref var at = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(key));
        ref var secret = ref MemoryMarshal.GetArrayDataReference(secrets);
        var left = key.Length * sizeof(char);
        // Keys of different lengths differ in this, however their overlapping words look.
        var sum = Unsafe.Add(ref secret, BlockBytes / WordBytes + 1) + (ulong)left;
        while (left > BlockBytes)
        {
            sum = Finish(Sum(ref at, BlockBytes, ref secret, sum));
            at = ref Unsafe.Add(ref at, BlockBytes);
            left -= BlockBytes;
        }
        if (left < WordBytes && key.Length >= WordBytes / sizeof(char))
        {
            // What is left of a longer key is read together with what precedes it.
            at = ref Unsafe.Subtract(ref at, WordBytes - left);
            left = WordBytes;
        }
        sum = left >= WordBytes ? Sum(ref at, left, ref secret, sum) : sum + Product(Short(key), secret);
        return (uint)(Finish(sum) >> 32) | Present;
    }

    // At least one word; the last one may overlap the one before.
    static ulong Sum(ref byte at, int bytes, ref ulong secret, ulong sum)
    {
        var offset = 0;
        for (; offset + 2 * WordBytes <= bytes; offset += 2 * WordBytes)
        {
            sum += Product(Word(ref at, offset), SecretAt(ref secret, offset));
            sum += Product(Word(ref at, offset + WordBytes), SecretAt(ref secret, offset + WordBytes));
        }
        if (offset + WordBytes <= bytes)
        {
            sum += Product(Word(ref at, offset), SecretAt(ref secret, offset));
            offset += WordBytes;
        }
        if (offset < bytes) sum += Product(Word(ref at, bytes - WordBytes), SecretAt(ref secret, offset));
        return sum;
    }

    // NH adds per half, without a carry from the lower into the upper: as many 32-bit secrets as there are halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Product(ulong word, ulong secret) => (ulong)((uint)word + (uint)secret) * ((uint)(word >> 32) + (uint)(secret >> 32));

    static ulong Finish(ulong sum)
    {
        sum ^= sum >> 32;
        sum *= Golden;
        return sum ^ (sum >> 32);
    }

    // 0 to 3 characters.
    static ulong Short(ReadOnlySpan<char> key)
    {
        var word = 0UL;
        foreach (var character in key) word = (word << 16) | character;
        return word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Word(ref byte at, int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref at, (nint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong SecretAt(ref ulong secret, int offset) => Unsafe.AddByteOffset(ref secret, (nint)offset);
}
