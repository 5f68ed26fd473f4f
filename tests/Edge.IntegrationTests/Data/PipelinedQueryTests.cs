using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Data;

public sealed class PipelinedQueryTests
{
    const int AtOnce = 400;

    static readonly PersonName?[] People = [new(1, "ada"), new(2, "bob"), new(3, "cyd"), new(4, "dee"), null];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_of_many_callers_share_round_trips_and_each_gets_its_own_row()
    {
        var seen = new SeenQueries();
        await using var fixture = await DataFixture.Create(queries: seen);
        seen.Forget();

        var found = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => DataQueries.Shared(fixture.Database, Id(i), Cancel).AsTask()));

        Assert.Equal(Enumerable.Range(0, AtOnce).Select(i => People[i % People.Length]), found);
        // What left together has the same beginning.
        Assert.InRange(seen.Ended.Select(static ending => ending.StartedAt).Distinct().Count(), 1, AtOnce / 4);
        Assert.Equal(AtOnce, seen.Started.Count());
        Assert.Equal(
            [("Shared 0 ok", AtOnce / People.Length), ("Shared 1 ok", AtOnce - (AtOnce / People.Length))],
            seen.Endings.CountBy(static ending => ending).Select(static count => (count.Key, count.Value)).Order());
    }

    [Fact]
    public async Task A_statement_that_fails_fails_its_own_caller_and_no_other()
    {
        await using var fixture = await DataFixture.Create();

        var quotients = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async i =>
        {
            try
            {
                return await DataQueries.Quotient(fixture.Database, i % 20, Cancel);
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.DivisionByZero)
            {
                Assert.Equal("Data.Quotient", DatabaseFailures.QueryName(failure));
                return -1;
            }
        }));

        Assert.Equal(Enumerable.Range(0, AtOnce).Select(static i => i % 20 == 0 ? -1L : 100 / (i % 20)), quotients.Select(static quotient => quotient!.Value));
    }

    [Fact]
    public async Task The_loss_of_every_idle_connection_is_not_seen()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => DataQueries.Shared(fixture.Database, Id(i), Cancel).AsTask()));
            Assert.NotEqual(0, await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel));
            var found = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => DataQueries.Shared(fixture.Database, Id(i), Cancel).AsTask()));
            Assert.Equal(Enumerable.Range(0, 50).Select(i => People[i % People.Length]), found);
        }
    }

    [Fact]
    public async Task A_read_that_waits_for_a_lock_holds_up_no_other_query()
    {
        // No statement of these ends by its timeout while the test lasts.
        await using var fixture = await DataFixture.Create(static options => options with { CommandTimeoutSeconds = 600 });
        await using var other = fixture.Observer();

        var waiting = await other.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.LockPets(transaction, cancel);
                // More than there are lanes.
                var owners = Enumerable.Range(0, 12).Select(i => DataQueries.OwnerOf(fixture.Database, i, Cancel).AsTask()).ToArray();
                for (var i = 0; i < 10; i++)
                    Assert.Equal(People[i % People.Length], await DataQueries.Shared(fixture.Database, Id(i), cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), cancel));
                Assert.DoesNotContain(owners, static owner => owner.IsCompleted);
                return owners;
            },
            Cancel);

        Assert.All(await Task.WhenAll(waiting), static owner => Assert.Null(owner));
    }

    [Fact]
    public async Task A_caller_that_leaves_is_let_go_at_once_and_the_others_are_answered()
    {
        await using var fixture = await DataFixture.Create();
        await using var other = fixture.Observer();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var staying = await other.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.LockPets(transaction, cancel);
                var owners = Enumerable.Range(0, 20).Select(i => DataQueries.OwnerOf(fixture.Database, i, i % 2 == 0 ? leaving.Token : Cancel).AsTask()).ToArray();
                await leaving.CancelAsync();
                foreach (var left in owners.Where(static (_, i) => i % 2 == 0))
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
                return owners.Where(static (_, i) => i % 2 != 0).ToArray();
            },
            Cancel);

        Assert.All(await Task.WhenAll(staying), static owner => Assert.Null(owner));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await DataQueries.Shared(fixture.Database, 1, leaving.Token));
    }

    [Fact]
    public async Task A_trip_that_nobody_waits_for_any_more_is_cancelled()
    {
        await using var fixture = await DataFixture.Create(static options => options with { CommandTimeoutSeconds = 600 });
        await using var other = fixture.Observer();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        await other.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.LockPets(transaction, cancel);
                // One alone on each lane, and the last on one more. A server takes no notice of a cancel that comes before its statement: such a one ends by its own timeout.
                var trips = Math.Clamp(Environment.ProcessorCount, 2, Database.MostLanes) + 1;
                var owners = Enumerable.Range(0, trips).Select(i => DataQueries.OwnerOf(fixture.Database, i, leaving.Token).AsTask()).ToArray();
                await Poll.Until(async _ => await DataQueries.Active(other, fixture.Options.ApplicationName, Cancel) == trips, "everybody waits for the lock", Cancel);
                await leaving.CancelAsync();
                await Poll.Until(async _ => await DataQueries.Active(other, fixture.Options.ApplicationName, Cancel) == 0, "nobody waits for the lock", Cancel);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(owners));
            },
            Cancel);

        Assert.Null(await DataQueries.OwnerOf(fixture.Database, 1, Cancel));
    }

    [Fact]
    public async Task A_read_that_waited_for_its_timeout_does_not_wait_for_another()
    {
        var seen = new SeenQueries();
        await using var fixture = await DataFixture.Create(static options => options with { CommandTimeoutSeconds = 1 }, seen);
        await using var other = fixture.Observer();
        seen.Forget();

        await other.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.LockPets(transaction, cancel);
                var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.OwnerOf(fixture.Database, 1, cancel));
                Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(failure));
            },
            Cancel);

        Assert.Equal(["OwnerOf 0 timeout"], seen.Endings);
    }

    [Fact]
    public async Task In_a_transaction_a_read_goes_its_way_and_sees_what_that_has_done()
    {
        await using var fixture = await DataFixture.Create();
        await fixture.Database.InTransaction(
            async (transaction, cancel) =>
            {
                var id = await DataQueries.Add(transaction, "eve", Mood.Calm, cancel);
                Assert.Equal(new PersonName(id, "eve"), await DataQueries.Shared(transaction, id, cancel));
                Assert.Null(await DataQueries.Shared(fixture.Database, id, cancel));
            },
            Cancel);
    }

    [Fact]
    public async Task Without_an_answer_each_caller_has_a_timeout_of_its_own_and_without_a_server_it_is_unavailable()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var database = new Database(server.Options("edge") with { CommandTimeoutSeconds = 1, ConnectionTimeoutSeconds = 2 });
        await DataQueries.Create(database, Cancel);
        Assert.Equal(20, await DataQueries.Quotient(database, 5, Cancel));

        server.Pause();
        var late = await Failures(database);
        server.Resume();
        Assert.All(late, static failure => Assert.Equal(DatabaseFailure.Timeout, DatabaseFailures.Classify(failure)));
        Assert.Equal(late.Length, late.Distinct().Count());
        await Poll.Until(async _ => await database.Probe() is null, "the server answers", Cancel);
        Assert.Equal(20, await DataQueries.Quotient(database, 5, Cancel));

        await server.Kill(Cancel);
        Assert.All(await Failures(database), static failure => Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure)));
        await server.Restart(Cancel);
        Assert.Equal(20, await DataQueries.Quotient(database, 5, Cancel));
    }

    static Task<Exception[]> Failures(Database database) => Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
    {
        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await DataQueries.Quotient(database, 5, Cancel));
        Assert.Equal("Data.Quotient", DatabaseFailures.QueryName(failure));
        return (Exception)failure;
    }));

    /// <summary>The last of five is nobody.</summary>
    static long Id(int i) => (i % People.Length) + 1;
}
