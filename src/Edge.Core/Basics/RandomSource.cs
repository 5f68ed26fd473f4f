namespace Edge.Core.Basics;

/// <summary>
/// Randomness as a parameter: SplitMix64, eight bytes of state, the same sequence for the same seed on every
/// platform and runtime. Not for secrets. Not thread-safe: each owner has one of its own.
/// <para>
/// <see cref="Restart"/> makes a stream for a pair of numbers, so that row 4711 of a generated table is the same
/// whether or not the rows before it were generated.
/// </para>
/// </summary>
public sealed class RandomSource(ulong seed)
{
    const ulong Golden = 0x9E3779B97F4A7C15;

    ulong state = seed;

    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Begins the stream of (<paramref name="key"/>, <paramref name="index"/>).</summary>
    public RandomSource Restart(ulong key, long index)
    {
        state = Mix(Mix(key + Golden) ^ ((ulong)index * Golden));
        return this;
    }

    public ulong NextUInt64() => Mix(state += Golden);

    /// <summary>0 to <paramref name="bound"/> − 1. The bias of the multiplication is below 2⁻³².</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);
    }

    /// <summary><paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + Next(high - low + 1);

    /// <summary>At least 0, below 1; 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A bell around 0 with a deviation near 1, cut at ±3: the sum of twelve, exact arithmetic on every machine.</summary>
    public double NextBell()
    {
        var sum = 0.0;
        for (var i = 0; i < 12; i++) sum += NextDouble();
        return Math.Clamp(sum - 6, -3, 3);
    }

    public T Pick<T>(T[] choices) => choices[Next(choices.Length)];
}
