using Edge.Data.Changes;
using Edge.Testing;

namespace Edge.IntegrationTests.Changes;

/// <summary>Whose gap it is: only the oldest listener's is everybody's.</summary>
public sealed class CoveredGapTests
{
    // Not the impatient ones: who covers must show a sign of life in time, on a machine that is busy with other tests.
    static readonly ChangeFeedOptions Options = new() { BackoffBaseMs = 5, BackoffMaxMs = 100 };

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_listener_has_a_gap_of_everybodys_and_who_joins_it_has_one_of_its_own()
    {
        await using var database = await ChangeDatabase.Create();
        await using var first = ChangeListener.Begin(database.Options, Options);
        Assert.Equal(ChangeBatch.Gap, await first.Next());
        await using var second = ChangeListener.Begin(database.Options, Options);
        Assert.Equal(ChangeBatch.CoveredGap, await second.Next());
        await using var third = ChangeListener.Begin(database.Options, Options);
        Assert.Equal(ChangeBatch.CoveredGap, await third.Next());
        // And the first lives on, so nothing follows.
        await Confirmed(database);
        Assert.Empty(await second.Heard(database));
        Assert.Empty(await third.Heard(database));
        Assert.Empty(await first.Heard(database));
    }

    [Fact]
    public async Task Another_group_covers_nothing()
    {
        await using var database = await ChangeDatabase.Create();
        await using var other = ChangeListener.Begin(database.Options, Options with { Group = "staging" });
        Assert.Equal(ChangeBatch.Gap, await other.Next());
        await using var listener = ChangeListener.Begin(database.Options, Options with { Group = "production" });
        Assert.Equal(ChangeBatch.Gap, await listener.Next());
    }

    [Fact]
    public async Task When_the_oldest_is_killed_it_comes_back_covered_by_the_next()
    {
        await using var database = await ChangeDatabase.Create();
        await using var first = await ChangeListener.Start(database.Options, Options);
        await using var second = await ChangeListener.Start(database.Options, Options);
        await Confirmed(database);
        await database.Execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'edge-changes' and datname = current_database() order by backend_start limit 1");
        Assert.Equal(ChangeBatch.CoveredGap, await first.Next());
        await database.Execute("update products set price = 2 where id = 5");
        Assert.Equal("5", (await second.Next()).Changes.Single().Key);
    }

    [Fact]
    public async Task An_older_one_that_shows_no_sign_of_life_covers_nothing_for_long()
    {
        await using var database = await ChangeDatabase.Create();
        await using var proxy = CuttingProxy.Start(database.Options.Port);
        await using var hung = await ChangeListener.Start(database.Options with { Port = proxy.Port }, Options with { AnswerTimeoutMs = 60_000 });
        // It stays in pg_stat_activity, and tells nobody of anything any more.
        proxy.Stall();
        await using var listener = ChangeListener.Begin(database.Options, Options with { IdleIntervalMs = 200 });
        Assert.Equal(ChangeBatch.CoveredGap, await listener.Next());
        Assert.Equal(ChangeBatch.Gap, await listener.Next());
    }

    [Fact]
    public async Task After_a_restart_of_the_server_exactly_the_oldest_is_uncovered()
    {
        await using var server = await PostgresServer.Start(Cancelled);
        await using var database = await ChangeDatabase.Create(server);
        await using var firstLink = CuttingProxy.Start(server.Port);
        await using var secondLink = CuttingProxy.Start(server.Port);
        await using var thirdLink = CuttingProxy.Start(server.Port);
        await using var first = await ChangeListener.Start(database.Options with { Port = firstLink.Port }, Options);
        await using var second = await ChangeListener.Start(database.Options with { Port = secondLink.Port }, Options);
        await using var third = await ChangeListener.Start(database.Options with { Port = thirdLink.Port }, Options);
        await Confirmed(database);
        await Task.WhenAll(firstLink.Refuse(), secondLink.Refuse(), thirdLink.Refuse());
        await server.Restart(Cancelled);
        // One after the other: of two that come back at once, which is the older is known to Postgres alone.
        firstLink.Pass();
        Assert.Equal(ChangeBatch.Gap, await first.Next());
        secondLink.Pass();
        Assert.Equal(ChangeBatch.CoveredGap, await second.Next());
        thirdLink.Pass();
        Assert.Equal(ChangeBatch.CoveredGap, await third.Next());
    }

    /// <summary>Returns when every listener has long asked whether it is still covered: four idle intervals after it began to listen.</summary>
    static Task Confirmed(ChangeDatabase database) => Poll.Until(
        async _ => await database.Scalar<bool>(
            """
            select bool_and(now() - backend_start > interval '3 seconds')
            from pg_stat_activity where application_name = 'edge-changes' and datname = current_database()
            """), "their gaps are confirmed", Cancelled);
}
