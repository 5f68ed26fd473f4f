using Edge.Testing;

namespace Edge.IntegrationTests.Data;

public sealed class StreamTests
{
    const int Endless = 50_000_000;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_rows_arrive_in_order()
    {
        await using var fixture = await DataFixture.Create();
        var expected = 1;

        await foreach (var row in DataQueries.Numbers(fixture.Database, 10_000, Cancel))
            Assert.Equal(expected++, row.N);

        Assert.Equal(10_001, expected);
    }

    [Fact]
    public async Task A_stream_can_be_read_twice_at_the_same_time()
    {
        await using var fixture = await DataFixture.Create();
        var numbers = DataQueries.Numbers(fixture.Database, 100, Cancel);

        var sums = await Task.WhenAll(Sum(numbers), Sum(numbers));

        Assert.Equal([5050, 5050], sums);

        static async Task<int> Sum(IAsyncEnumerable<Numbered> numbers)
        {
            var sum = 0;
            await foreach (var row in numbers)
                sum += row.N;
            return sum;
        }
    }

    [Fact]
    public async Task An_abandoned_stream_stops_on_the_server_and_its_connection_is_used_again()
    {
        await using var fixture = await DataFixture.Create(options => options with { MaxConnections = 1, CommandTimeoutSeconds = 600 });
        await using var observer = fixture.Observer();
        var backend = await DataQueries.BackendPid(fixture.Database, Cancel);

        await foreach (var row in DataQueries.Numbers(fixture.Database, Endless, Cancel))
        {
            if (row.N == 3)
                break;
        }

        Assert.Equal(0, await DataQueries.Active(observer, fixture.Options.ApplicationName, Cancel));
        Assert.Equal(backend, await DataQueries.BackendPid(fixture.Database, Cancel));
    }

    [Fact]
    public async Task A_cancelled_stream_stops_on_the_server()
    {
        await using var fixture = await DataFixture.Create(options => options with { CommandTimeoutSeconds = 600 });
        await using var observer = fixture.Observer();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in DataQueries.Numbers(fixture.Database, Endless, Cancel).WithCancellation(source.Token))
            {
                if (row.N == 3)
                    await source.CancelAsync();
            }
        });

        await Poll.Until(
            async cancel => await DataQueries.Active(observer, fixture.Options.ApplicationName, cancel) == 0,
            "no query runs any more", Cancel);
    }

    [Fact]
    public async Task A_stream_that_is_read_to_its_end_leaves_its_transaction_usable()
    {
        await using var fixture = await DataFixture.Create();

        var count = await fixture.Database.InTransaction(
            async (transaction, cancel) =>
            {
                var rows = 0;
                await foreach (var _ in DataQueries.Numbers(transaction, 10, cancel))
                    rows++;
                return rows + await DataQueries.Rename(transaction, [1], "x", cancel);
            },
            Cancel);

        Assert.Equal(11, count);
    }

    [Fact]
    public async Task A_lost_connection_is_not_repeated_once_rows_were_handed_out()
    {
        await using var fixture = await DataFixture.Create(options => options with { CommandTimeoutSeconds = 600 });
        await using var observer = fixture.Observer();
        var rows = 0;

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(async () =>
        {
            await foreach (var row in DataQueries.Numbers(fixture.Database, Endless, Cancel))
            {
                Assert.Equal(++rows, row.N);
                if (rows == 3)
                    await DataQueries.Terminate(observer, fixture.Options.ApplicationName, Cancel);
            }
        });

        Assert.True(rows >= 3);
    }
}
