namespace Edge.IntegrationTests.Data;

public sealed class TransactionTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finished_work_is_committed_and_its_value_returned()
    {
        await using var fixture = await DataFixture.Create();

        var id = await fixture.Database.InTransaction(
            (transaction, cancel) => DataQueries.Add(transaction, "eve", Mood.Calm, cancel), Cancel);

        Assert.Equal("eve", (await DataQueries.Find(fixture.Database, id, Cancel))?.Name);
    }

    [Fact]
    public async Task Work_that_throws_is_rolled_back()
    {
        await using var fixture = await DataFixture.Create();

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await fixture.Database.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.Rename(transaction, [1], "changed", cancel);
                throw new TimeZoneNotFoundException();
            },
            Cancel));

        Assert.Null(await DataQueries.Nickname(fixture.Database, 1, Cancel));
    }

    [Fact]
    public async Task Work_that_asks_for_it_is_rolled_back_and_its_value_returned()
    {
        await using var fixture = await DataFixture.Create();

        var changed = await fixture.Database.InTransaction(
            async (transaction, cancel) =>
            {
                var rows = await DataQueries.Rename(transaction, [1, 2], "changed", cancel);
                transaction.RollBack();
                return rows;
            },
            Cancel);

        Assert.Equal(2, changed);
        Assert.Equal("b", await DataQueries.Nickname(fixture.Database, 2, Cancel));
    }

    [Fact]
    public async Task A_constraint_that_fails_at_commit_is_the_callers_failure()
    {
        await using var fixture = await DataFixture.Create();

        var failure = await Assert.ThrowsAsync<Npgsql.PostgresException>(async () => await fixture.Database.InTransaction(
            (transaction, cancel) => DataQueries.AddPet(transaction, 1, 99, cancel), Cancel));

        Assert.Equal(Edge.Data.DatabaseFailure.ForeignKey, Edge.Data.DatabaseFailures.Classify(failure));
    }

    [Fact]
    public async Task A_read_in_a_transaction_is_not_repeated()
    {
        await using var fixture = await DataFixture.Create();
        await using var observer = fixture.Observer();

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(async () => await fixture.Database.InTransaction(
            async (transaction, cancel) =>
            {
                await DataQueries.Rename(transaction, [1], "lost", cancel);
                await DataQueries.Terminate(observer, fixture.Options.ApplicationName, cancel);
                return await DataQueries.Find(transaction, 1, cancel);
            },
            Cancel));

        Assert.Null(await DataQueries.Nickname(fixture.Database, 1, Cancel));
    }
}
