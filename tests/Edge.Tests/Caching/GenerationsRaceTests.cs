using Edge.Core.Caching;
using Edge.Core.Caching.L2;
using Edge.Tests.Caching.Interleaving;
using static Edge.Core.Caching.Generations;

namespace Edge.Tests.Caching;

/// <summary>With a processor for each of its two threads: without, every turn is a wait for the scheduler (31 s beside other tests, under 1 s alone).</summary>
[Collection(nameof(WholeMachine))]
public sealed class GenerationsRaceTests
{
    const string Life = "life";

    static readonly int[] s_places = [4, 6];

    readonly Generations _generations = new(8);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public GenerationsRaceTests() => Assert.False(_generations.Synchronize(new(new(Life, 10), s_places, [5, 5])));

    /// <summary>Two threads, started together: the move comes before, within and after the adoption, which raises another place.</summary>
    [Fact]
    public async Task A_move_that_comes_while_an_entry_is_adopted_counts_against_it()
    {
        const int rounds = 200_000;
        var (begun, moved) = (0, 0);
        var mover = Task.Run(() =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                while (Volatile.Read(ref begun) != round)
                    Thread.Yield();
                _generations.Move([s_places[1]]);
                Volatile.Write(ref moved, round);
            }
        }, Cancelled);
        var (late, adoptions) = (0, 0);
        for (var round = 1; round <= rounds; round++)
        {
            var before = _generations.Take(s_places);
            var fetched = new L2Fetch { Position = new(Life, 11 + round), At = [(uint)(6 + round), 5] };
            Volatile.Write(ref begun, round);
            var isAdopted = _generations.TryAdopt(before, fetched, out var adopted);
            while (Volatile.Read(ref moved) != round)
                Thread.Yield();
            adoptions += isAdopted ? 1 : 0;
            late += isAdopted && _generations.Check(adopted!) == Validity.Current ? 1 : 0;
        }
        await mover;
        Assert.Equal(0, late);
        Assert.InRange(adoptions, 1, rounds);
    }
}
