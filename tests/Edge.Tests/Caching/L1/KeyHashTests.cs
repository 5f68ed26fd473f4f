using Edge.Core.Caching.L1;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Caching.L1;

public sealed class KeyHashTests
{
    static readonly KeyHash Hash = new(1);

    [Fact]
    public void Equal_characters_hash_alike_wherever_they_lie() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        ArbMap.Default.ArbFor<(NonNull<string>, byte)>(),
        pair =>
        {
            var (text, shift) = (pair.Item1.Get, pair.Item2);
            var moved = (new string('x', shift) + text + "yz").AsSpan(shift, text.Length);
            return Hash.Of(text) == Hash.Of(moved);
        }));

    /// <summary>Around every boundary of the algorithm: 4 characters a word, 8 a step, 128 a block.</summary>
    [Fact]
    public void Any_changed_character_changes_the_hash_at_every_length()
    {
        for (var length = 1; length <= 270; length++)
        {
            var key = new string('a', length).ToCharArray();
            var original = Hash.Of(key);
            for (var at = 0; at < length; at++)
            {
                key[at] = 'b';
                Assert.NotEqual(original, Hash.Of(key));
                key[at] = 'a';
            }
        }
    }

    [Fact]
    public void A_prefix_hashes_differently()
    {
        var seen = new HashSet<uint>();
        for (var length = 0; length <= 400; length++) Assert.True(seen.Add(Hash.Of(new string('a', length))), $"length {length}");
        seen.Clear();
        for (var length = 0; length <= 400; length++) Assert.True(seen.Add(Hash.Of(new string('\0', length))), $"length {length}");
    }

    [Fact]
    public void Consecutive_keys_spread_evenly_over_the_low_bits()
    {
        const int buckets = 1024, keys = 64 * buckets;
        var load = new int[buckets];
        for (var i = 0; i < keys; i++) load[Hash.Of($"products/{i}") % buckets]++;

        // 64 expected, deviation 8: five deviations either way.
        Assert.InRange(load.Min(), 24, 64);
        Assert.InRange(load.Max(), 64, 104);
    }

    [Fact]
    public void Keys_that_collide_under_one_seed_do_not_under_another()
    {
        const int keys = 20_000, mask = 0xFFFF;
        var other = new KeyHash(2);
        var byHash = new Dictionary<uint, string>();
        var (collisions, again) = (0, 0);
        for (var i = 0; i < keys; i++)
        {
            var key = $"search?q={i}";
            if (byHash.TryAdd(Hash.Of(key) & mask, key)) continue;
            collisions++;
            if ((other.Of(key) & mask) == (other.Of(byHash[Hash.Of(key) & mask]) & mask)) again++;
        }

        Assert.True(collisions > 1000);
        Assert.InRange(again, 0, 5);
    }
}
