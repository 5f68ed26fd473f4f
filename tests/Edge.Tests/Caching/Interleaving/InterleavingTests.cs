using System.Globalization;
using Edge.Core.Basics;

namespace Edge.Tests.Caching.Interleaving;

/// <summary>
/// What <see cref="CacheWorld"/> states, under a million schedules. A seed chooses the operations and every step between them. A world plays eight
/// schedules one after the other, each to its rest: all but the first begin with what those before have left, which no new world has, and a third of the
/// time went into making worlds. EDGE_SCHEDULES sets another number of them.
/// </summary>
[Collection(nameof(WholeMachine))]
public sealed class InterleavingTests
{
    const int Schedules = 1_000_000;
    const int SchedulesPerWorld = 8;
    const ulong FirstSeed = 20_261_121;

    [Fact]
    public void Under_a_million_schedules_no_read_is_older_than_an_invalidation_that_its_engine_knows_of()
    {
        var failed = 0;
        var reads = 0L;
        var schedules = int.Parse(Environment.GetEnvironmentVariable("EDGE_SCHEDULES") ?? Schedules.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var report = "";
        Parallel.For(
            0, schedules / SchedulesPerWorld,
            // The pool takes loops that never wait for starved, and adds threads: 44 on two processors, and more beside a compiler.
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            (index, loop) =>
            {
                var seed = RandomSource.Mix(FirstSeed + (ulong)index);
                var operations = OperationsOf(seed);
                var outcome = Play(seed, operations);
                Interlocked.Add(ref reads, outcome.Reads);
                if (outcome.Fault is null || Interlocked.Exchange(ref failed, 1) != 0)
                    return;
                report = Shrunk(seed, operations);
                loop.Stop();
            });
        Assert.True(failed == 0, report);
        Assert.True(reads > schedules, $"only {reads} reads");
    }

    [Theory]
    [InlineData(Sabotage.Deaf)]
    [InlineData(Sabotage.Unfenced)]
    [InlineData(Sabotage.Endless)]
    internal void A_second_level_that_breaks_its_word_is_found_out(Sabotage sabotage)
    {
        var seeds = Enumerable.Range(0, 10_000).Select(static index => RandomSource.Mix(FirstSeed + (ulong)index));
        Assert.Contains(seeds, seed => Play(seed, OperationsOf(seed), sabotage).Fault?.Contains("yielded version", StringComparison.Ordinal) == true);
    }

    static List<Operation> OperationsOf(ulong seed)
    {
        var random = new RandomSource(seed);
        var operations = new List<Operation>();
        for (var schedule = 0; schedule < SchedulesPerWorld; schedule++)
        {
            if (schedule > 0)
                operations.Add(new(OperationKind.Rest, Node: 0, Key: 0));
            for (var count = 3 + random.Next(10); count > 0; count--)
                operations.Add(new(KindOf(random.Next(100)), random.Next(3), random.Next(3)));
        }
        return operations;
    }

    static OperationKind KindOf(int percent) => percent switch
    {
        < 40 => OperationKind.Read,
        < 46 => OperationKind.ReadAll,
        < 66 => OperationKind.Write,
        < 74 => OperationKind.WriteOutside,
        < 78 => OperationKind.Expire,
        < 83 => OperationKind.Cut,
        < 88 => OperationKind.Heal,
        < 90 => OperationKind.Forget,
        < 92 => OperationKind.Restart,
        < 94 => OperationKind.Save,
        < 96 => OperationKind.Rewind,
        _ => OperationKind.Wait,
    };

    static (string? Fault, int Reads) Play(ulong seed, List<Operation> operations, Sabotage sabotage = Sabotage.None)
    {
        // A context would take the continuations away from the scheduler.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            using var world = new CacheWorld(nodes: 2 + (int)(seed % 2), seed, sabotage);
            world.Play(operations);
            return (world.Fault, world.Reads);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Leaves out what the fault does not need.</summary>
    static string Shrunk(ulong seed, List<Operation> operations)
    {
        for (var i = operations.Count - 1; i >= 0; i--)
        {
            List<Operation> fewer = [.. operations[..i], .. operations[(i + 1)..]];
            if (Play(seed, fewer).Fault is not null)
                operations = fewer;
        }
        return $"seed {seed}: {Play(seed, operations).Fault}\n  {string.Join("\n  ", operations)}";
    }
}

/// <summary>Tests that take every processor for a minute run when those are done that a starved machine would fail.</summary>
[CollectionDefinition(nameof(WholeMachine), DisableParallelization = true)]
public sealed class WholeMachine;
