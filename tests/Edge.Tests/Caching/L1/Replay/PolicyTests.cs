using Edge.Replay.Commands;
using Edge.Replay.Policies;
using Edge.Replay.Traces;

namespace Edge.Tests.Caching.L1.Replay;

public sealed class PolicyTests
{
    /// <summary>
    /// Two places, a b c a b d a c: a b miss, c is not kept (used later than both), a b hit, d never comes again, a hits, c misses.
    /// </summary>
    [Fact]
    public void Belady_does_what_was_worked_out_by_hand()
    {
        var trace = Of("abcabdac");

        Assert.Equal([false, false, false, true, true, false, true, false], Hits(new BeladyPolicy(2, trace), trace));
    }

    /// <summary>The same trace: every key has just been pushed out when it is asked for again.</summary>
    [Fact]
    public void Lru_does_what_was_worked_out_by_hand()
    {
        var trace = Of("abcabdac");

        Assert.DoesNotContain(true, Hits(new LruPolicy(2, trace.KeyCount), trace));
        Assert.Equal([false, false, true, false, true, false], Hits(new LruPolicy(2, 3), Of("abacab")));
    }

    [Fact]
    public void S3Fifo_keeps_in_its_main_queue_what_came_back()
    {
        // Ten places, one of them in the small queue. a is asked for three times, then thirty others pass once.
        var trace = Of("aaa" + string.Concat(Enumerable.Range(0, 30).Select(i => (char)('A' + i))) + "a");

        Assert.True(Hits(new S3FifoPolicy(10, trace.KeyCount), trace)[^1]);
        Assert.False(Hits(new LruPolicy(10, trace.KeyCount), trace)[^1]);
    }

    [Fact]
    public void With_equal_sizes_nothing_beats_Belady()
    {
        foreach (var (name, _) in SyntheticTraces.All)
        {
            var made = SyntheticTraces.Make(name, 20_000, 1);
            var trace = made with { SizesBytes = [.. made.SizesBytes.Select(_ => 1000)] };
            var optimum = Ratio("Belady");
            foreach (var policy in ReplayCommand.Policies) Assert.True(Ratio(policy) <= optimum, $"{policy} on {name}");

            double Ratio(string policy) => ReplayCommand.Replay(trace, ReplayCommand.Make(policy, 1 << 20, trace), 0, null).Requests;
        }
    }

    /// <summary>The margin that the choice of policy rests on, on small traces; bench/results/l1-policy.md has the large ones.</summary>
    [Theory]
    [InlineData("zipf", 0.05)]
    [InlineData("crawler", 0.05)]
    [InlineData("scan", 0.05)]
    [InlineData("loop", 0.10)]
    public void The_cache_has_more_hits_than_Lru_by_a_margin(string name, double margin)
    {
        var trace = SyntheticTraces.Make(name, 100_000, 1);

        Assert.True(Ratio("L1Cache") >= Ratio("LRU") + margin, $"{Ratio("L1Cache"):0.000} against {Ratio("LRU"):0.000}");

        double Ratio(string policy) => ReplayCommand.Replay(trace, ReplayCommand.Make(policy, 16 << 20, trace), 0, null).Requests;
    }

    static Trace Of(string letters)
    {
        var builder = new TraceBuilder<char>(letters, letters.Length);
        foreach (var letter in letters) builder.Add(letter, 1);
        return builder.Build();
    }

    static bool[] Hits(ReplayPolicy policy, Trace trace) => [.. trace.Keys.Select(key => policy.Access(key, 1))];
}
