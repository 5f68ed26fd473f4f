using Edge.Core.Basics;
using Edge.Data;
using Edge.Testing;
using Edge.Tests.Basics;
using Npgsql;

namespace Edge.Tests.Data;

public sealed class PipelineTests
{
    const int Lanes = 2;

    [ThreadStatic]
    static bool t_isEnding;

    readonly FakeTime _clock = new();
    readonly Trips _trips = new();

    Pipeline Pipeline(int lanes = Lanes) => new(lanes, _trips.Go, _clock);

    [Fact]
    public async Task While_a_lane_is_free_a_read_leaves_at_once_and_alone()
    {
        using var pipeline = Pipeline();
        var reads = Join(pipeline, 2);
        Assert.Equal([[0], [1]], _trips.UnderWay);
        _trips.End(0);
        Assert.Equal(PipelinedRead.Outcome.Answered, await reads[0].Told);
        Assert.False(reads[1].Told.IsCompleted);
        Assert.Equal((0, 1), pipeline.State);
    }

    [Fact]
    public void Who_waits_leaves_with_all_who_wait_in_the_order_of_their_coming()
    {
        using var pipeline = Pipeline();
        Join(pipeline, 6);
        Assert.Equal((4, 2), pipeline.State);
        _trips.End(0);
        Assert.Equal([[1], [2, 3, 4, 5]], _trips.UnderWay);
        _trips.End(1);
        _trips.End(2);
        Assert.Equal((0, 0), pipeline.State);
    }

    [Fact]
    public void A_trip_takes_no_more_than_its_most()
    {
        using var pipeline = Pipeline(lanes: 1);
        Join(pipeline, 2 + Most + 3);
        _trips.End(0);
        Assert.Equal(Most, Assert.Single(_trips.UnderWay).Length);
        _trips.End(1);
        Assert.Equal(4, Assert.Single(_trips.UnderWay).Length);
    }

    const int Most = Edge.Data.Pipeline.MaxReadsPerTrip;

    [Fact]
    public void Of_too_many_who_wait_the_next_goes_its_own_way()
    {
        using var pipeline = Pipeline(lanes: 1);
        Join(pipeline, 1 + Edge.Data.Pipeline.MaxWaiting);
        Assert.False(pipeline.TryJoin(new Read(-1)));
        _trips.End(0);
        Assert.True(pipeline.TryJoin(new Read(-1)));
    }

    [Fact]
    public void Where_no_trip_ends_for_a_while_another_lane_is_opened_and_another()
    {
        using var pipeline = Pipeline(lanes: 1);
        Join(pipeline, 2);
        _clock.Advance(TimeSpan.FromMilliseconds(Patience - 1));
        Assert.Equal([[0]], _trips.UnderWay);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([[0], [1]], _trips.UnderWay);
        Join(pipeline, 1, from: 2);
        _clock.Advance(TimeSpan.FromMilliseconds(Patience));
        Assert.Equal([[0], [1], [2]], _trips.UnderWay);
        // They end as they come to an end, and with nobody waiting nobody looks any more.
        for (var trip = 0; trip < 3; trip++)
            _trips.End(trip);
        Assert.Equal((0, 0), pipeline.State);
        _clock.Advance(TimeSpan.FromMilliseconds(2 * Patience));
        Assert.Equal(0, _clock.PendingTimers);
    }

    const int Patience = Edge.Data.Pipeline.PatienceMs;

    [Fact]
    public void While_trips_end_no_lane_is_opened()
    {
        using var pipeline = Pipeline(lanes: 1);
        Join(pipeline, 1);
        for (var trip = 0; trip < 20; trip++)
        {
            Join(pipeline, 1, from: trip + 1);
            _clock.Advance(TimeSpan.FromMilliseconds(Patience - 5));
            Assert.Single(_trips.UnderWay);
            _trips.End(trip);
        }
    }

    [Fact]
    public async Task A_caller_that_leaves_is_told_so_once_and_what_comes_of_its_trip_is_nobodys()
    {
        using var pipeline = Pipeline(lanes: 1);
        var reads = Join(pipeline, 3);
        reads[1].Leave();
        Assert.Equal(PipelinedRead.Outcome.Left, await reads[1].Told);
        _trips.End(0);
        Assert.Equal([[1, 2]], _trips.UnderWay);
        _trips.End(1);
        Assert.Equal(PipelinedRead.Outcome.Answered, await reads[2].Told);
    }

    [Fact]
    public async Task Where_there_is_no_other_trip_the_last_caller_goes_on_on_the_thread_that_ended_it_and_the_others_elsewhere()
    {
        using var pipeline = Pipeline(lanes: 1);
        var reads = Join(pipeline, 3);
        var areWithin = reads.Select(static async read =>
        {
            await read.Told;
            return t_isEnding;
        }).ToArray();
        t_isEnding = true;
        _trips.End(0);
        _trips.End(1);
        t_isEnding = false;
        var wereWithin = await Task.WhenAll(areWithin);
        Assert.Equal([false, false, true], wereWithin);
    }

    /// <summary>Callers on threads of their own, trips that end whenever they like, some of them slowly.</summary>
    [Fact]
    public async Task Each_of_many_readers_is_told_once_whoever_comes_and_goes_meanwhile()
    {
        const int readers = 8, readsOfEach = 5_000;
        var (told, inTrips, longest) = (0L, 0L, 0L);
        var random = new RandomSource(7);
        using var pipeline = new Pipeline(
            Lanes,
            async first =>
            {
                var length = 0;
                for (var read = first; read is not null; read = read.Next)
                {
                    ((Read)read).Answer();
                    length++;
                }
                Interlocked.Add(ref inTrips, length);
                InterlockedMax(ref longest, length);
                bool yields;
                lock (random)
                    yields = random.NextUInt64() % 4 != 0;
                if (yields)
                    await Task.Yield();
            },
            TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, readers).Select(reader => Task.Run(async () =>
        {
            for (var i = 0; i < readsOfEach; i++)
            {
                var read = new Read(i);
                Assert.True(pipeline.TryJoin(read));
                if ((i + reader) % 17 == 0)
                    read.Leave();
                var outcome = await read.Told;
                Assert.True(outcome == PipelinedRead.Outcome.Answered || (i + reader) % 17 == 0);
                Interlocked.Increment(ref told);
            }
        })));

        // Those who left are told before their trips end.
        await Poll.Until(() => pipeline.State == (0, 0), "no trip is under way", TestContext.Current.CancellationToken);
        Assert.Equal(readers * readsOfEach, told);
        Assert.Equal(readers * readsOfEach, inTrips);
        Assert.InRange(longest, 2, Most);
    }

    static void InterlockedMax(ref long most, long value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
            seen = Interlocked.CompareExchange(ref most, value, seen) is var before && before == seen ? value : before;
    }

    static Read[] Join(Pipeline pipeline, int count, int from = 0)
    {
        var reads = new Read[count];
        for (var i = 0; i < count; i++)
            Assert.True(pipeline.TryJoin(reads[i] = new(from + i)));
        return reads;
    }

    /// <summary>Trips that end when the test says so.</summary>
    sealed class Trips
    {
        readonly List<(PipelinedRead First, TaskCompletionSource Over)> _made = [];

        /// <summary>The numbers of the reads of each trip that has not ended.</summary>
        public IEnumerable<int[]> UnderWay => _made.Where(static trip => !trip.Over.Task.IsCompleted).Select(static trip => Chain(trip.First).Select(static read => read.Number).ToArray());

        public Task Go(PipelinedRead first)
        {
            var over = new TaskCompletionSource();
            _made.Add((first, over));
            return over.Task;
        }

        public void End(int trip)
        {
            foreach (var read in Chain(_made[trip].First))
                read.Answer();
            _made[trip].Over.SetResult();
        }

        static IEnumerable<Read> Chain(PipelinedRead first)
        {
            for (var read = first; read is not null; read = read.Next)
                yield return (Read)read;
        }
    }

    sealed class Read(int number) : PipelinedRead(new NpgsqlBatchCommand())
    {
        public int Number => number;

        public void Answer() => Answered();

        public override ValueTask Take(NpgsqlDataReader reader, CancellationToken stop) => default;
    }
}
