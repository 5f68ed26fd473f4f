using Edge.Testing;
using Npgsql;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class RoundTripsInProcess(TestBed bed) : RoundTripFacts(bed.InProcess);

public sealed class RoundTripsNative(TestBed bed) : RoundTripFacts(bed.Native);

/// <summary>What each call of an operation asks of Postgres, counted on the wire.</summary>
public abstract class RoundTripFacts : Facts
{
    private protected RoundTripFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task No_operation_makes_more_round_trips_than_are_written_beside_it()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var counter = RoundTripCounter.Start(new Uri(database.Url).Port);
        await using var edge = await Way.Start(
            new()
            {
                ["DATABASE_URL"] = new UriBuilder(database.Url) { Port = counter.Port }.Uri.AbsoluteUri,
                ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken,
                // Nothing comes from memory, and nobody but the call asks.
                ["EDGE_CACHE_MB"] = "0",
                ["EDGE_PROBE_INTERVAL_SECONDS"] = "300",
            },
            Cancelled);
        var declared = await OperationSamples.Declared();
        var mistakes = new List<string>();
        foreach (var route in (await edge.Description).Operations)
        {
            var (person, session) = await database.NewUser("admin");
            var call = await OperationSamples.Of(route, database, person);
            var isSignedIn = route.Access is ApiAccess.Session or ApiAccess.OptionalSession;
            (string, string)[] headers = [.. call.Headers, .. isSignedIn ? [session] : route.IsAdmin ? [Admin] : ((string, string)[])[]];
            var before = counter.Count;
            using var answer = await edge.SendJson(new(route.Method), call.Target, call.Body, headers);
            // The session is looked up each time here, since nothing is cached.
            var made = counter.Count - before - (isSignedIn ? 1 : 0);
            var operation = declared[route.ToString()];
            var allowed = operation.IsLocal ? 0 : operation.RoundTrips;
            if (!answer.IsSuccessStatusCode && !operation.IsLocal)
                mistakes.Add($"{route}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}: give it a call in OperationSamples that succeeds");
            else if (made > allowed)
                mistakes.Add($"{route}: {made} round trips, and its Operation.RoundTrips is {allowed}");
        }
        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
        Assert.True(counter.Count > 0, "nothing was counted");
    }

    [Fact]
    public async Task A_transaction_counts_with_its_commit_and_opening_a_connection_does_not()
    {
        await using var counter = RoundTripCounter.Start(new Uri(Database.Url).Port);
        var settings = new NpgsqlConnectionStringBuilder(Database.Sql.ConnectionString) { Password = new Uri(Database.Url).UserInfo.Split(':')[1], Port = counter.Port, Pooling = false };
        await using var source = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).ConfigureTypeLoading(static types => types.EnableTypeLoading(false)).Build();
        await using var connection = await source.OpenConnectionAsync(Cancelled);
        Assert.Equal(0, counter.Count);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("select 1"), new("select 2") } };
        await batch.ExecuteNonQueryAsync(Cancelled);
        Assert.Equal(1, counter.Count);
        await transaction.CommitAsync(Cancelled);
        Assert.Equal(2, counter.Count);
    }
}
