namespace Edge.Core.Basics;

/// <summary>Draws 0 … n−1 in proportion to given weights. Immutable; O(log n) per draw.</summary>
public sealed class WeightedSampler
{
    readonly double[] cumulative;

    public WeightedSampler(ReadOnlySpan<double> weights)
    {
        if (weights.IsEmpty) throw new ArgumentException("at least one weight", nameof(weights));
        cumulative = new double[weights.Length];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0) || double.IsInfinity(weights[i])) throw new ArgumentException($"weight {i} is {weights[i]}", nameof(weights));
            sum += weights[i];
            cumulative[i] = sum;
        }
        if (sum <= 0) throw new ArgumentException("all weights are 0", nameof(weights));
    }

    /// <summary>Zipf: rank k (from 1) has weight 1 / k^<paramref name="exponent"/>. 0 = all alike; shops are near 1.</summary>
    public static WeightedSampler Zipf(int count, double exponent)
    {
        var weights = new double[count];
        for (var i = 0; i < count; i++) weights[i] = Math.Pow(i + 1, -exponent);
        return new WeightedSampler(weights);
    }

    public int Next(RandomSource random) => At(random.NextDouble());

    /// <summary>The index at <paramref name="fraction"/> (0 ≤ fraction &lt; 1) of the total weight; never one of weight 0.</summary>
    public int At(double fraction) => Find(fraction * cumulative[^1]);

    /// <summary>Like <see cref="At"/>, with how far into that index's share the fraction lies (0–1).</summary>
    public (int Index, double Within) Locate(double fraction)
    {
        var target = fraction * cumulative[^1];
        var index = Find(target);
        var below = index == 0 ? 0 : cumulative[index - 1];
        return (index, Math.Clamp((target - below) / (cumulative[index] - below), 0, 1));
    }

    // The first index whose cumulative weight exceeds the target.
    int Find(double target)
    {
        int low = 0, high = cumulative.Length - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (cumulative[middle] > target) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
