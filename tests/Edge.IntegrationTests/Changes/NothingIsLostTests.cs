using System.Collections.Concurrent;
using Edge.Core.Basics;
using Edge.Data.Changes;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Changes;

/// <summary>
/// Concurrent writers, some of whose transactions are long or roll back, and a cache that knows of them only by its feed, whose connection is
/// killed again and again. When all is quiet, the cache holds no value that the database does not.
/// </summary>
public sealed class NothingIsLostTests
{
    const int Writers = 3;
    const int Rows = 12;
    const int Kills = 12;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_is_cached_in_the_end_is_what_is_in_the_database(int seed)
    {
        await using var database = await ChangeDatabase.Create();
        var cache = new ModelCache(database.Source);
        var feed = new ChangeFeed(
            database.Options, ChangeListener.Quick, ["stock", "marker"], TimeProvider.System, new Random(seed), new LogRecorder<ChangeFeed>());
        using var stopFeed = new CancellationTokenSource();
        using var stopWriters = new CancellationTokenSource();
        using var stopReaders = new CancellationTokenSource();
        var listening = Apply(feed, cache, stopFeed.Token);
        var writing = Enumerable.Range(1, Writers).Select(n => Write(database.Source, seed, n, stopWriters.Token)).ToArray();
        var reading = Fill(cache, seed, stopReaders.Token);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var (connections, changes) = (kill, feed.Status.Changes);
            await Poll.Until(() => feed.Status is { IsListening: true } status && status.Connections >= connections && status.Changes > changes, "it hears changes", Cancelled);
            await database.TerminateListeners();
        }
        await stopWriters.CancelAsync();
        await Task.WhenAll(writing);

        // Quiet: what was left by writers is on the channel, and what is on the channel was heard.
        await Poll.Until(async _ => await database.Scalar<long>("select count(*) from edge_pending_changes") == 0, "all is flushed", Cancelled);
        await Poll.Until(
            async _ =>
            {
                await database.Execute("notify edge_changes, 'marker 1 end'");
                return cache.HasHeardTheEnd;
            }, "all is heard", Cancelled);
        // A value that should have gone would stay: what is there is not loaded again.
        await Poll.Until(() => cache.Values.Count == Rows, "all is cached", Cancelled);
        await stopReaders.CancelAsync();
        await reading;
        var stored = await Stored(database.Source);
        Assert.All(cache.Values, kept => Assert.Equal(stored[kept.Key], kept.Value));
        Assert.True(feed.Status.Gaps > Kills);
        await stopFeed.CancelAsync();
        await listening;
    }

    static async Task Apply(ChangeFeed feed, ModelCache cache, CancellationToken stop)
    {
        try
        {
            await foreach (var batch in feed.Read(stop))
                cache.Apply(batch);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>Each transaction changes one to three rows; one in four rolls back, one in four stays open for a while.</summary>
    static async Task Write(NpgsqlDataSource source, int seed, int writer, CancellationToken stop)
    {
        var random = new RandomSource(0).Restart((ulong)seed, writer);
        while (!stop.IsCancellationRequested)
        {
            await using var connection = await source.OpenConnectionAsync(Cancelled);
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            // Ascending, so that no two of them wait for each other.
            var first = random.Between(1, Rows);
            for (var id = first; id <= Math.Min(Rows, first + random.Next(3)); id++)
                await Run(connection, $"update products set stock = stock + 1 where id = {id}");
            if (random.Next(4) == 0)
                await Run(connection, $"select pg_sleep({random.Next(60)} / 1000.0)");
            if (random.Next(4) == 0)
                await transaction.RollbackAsync(Cancelled);
            else
                await transaction.CommitAsync(Cancelled);
        }
    }

    static async Task Fill(ModelCache cache, int seed, CancellationToken stop)
    {
        var random = new RandomSource((ulong)seed);
        while (!stop.IsCancellationRequested)
            await cache.Load(random.Between(1, Rows));
    }

    static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static async Task<Dictionary<int, int>> Stored(NpgsqlDataSource source)
    {
        var stored = new Dictionary<int, int>();
        await using var command = source.CreateCommand("select id::int, stock from products");
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        while (await reader.ReadAsync(Cancelled))
            stored[reader.GetInt32(0)] = reader.GetInt32(1);
        return stored;
    }

    /// <summary>The least of a cache: what a load read before an invalidation is not kept.</summary>
    sealed class ModelCache(NpgsqlDataSource source)
    {
        readonly Lock _gate = new();
        int _generation;

        public ConcurrentDictionary<int, int> Values { get; } = [];

        public bool HasHeardTheEnd { get; private set; }

        public void Apply(ChangeBatch batch)
        {
            lock (_gate)
            {
                _generation++;
                if (batch.IsGap || batch.Changes.Any(static change => change is { Subject: "stock", Key: null }))
                    Values.Clear();
                foreach (var change in batch.Changes)
                    if (change is { Subject: "stock", Key: { } key })
                        Values.TryRemove(int.Parse(key, System.Globalization.CultureInfo.InvariantCulture), out _);
                    else if (change.Subject == "marker")
                        HasHeardTheEnd = true;
            }
        }

        public async Task Load(int id)
        {
            if (Values.ContainsKey(id))
            {
                await Task.Yield();
                return;
            }
            var generation = Volatile.Read(ref _generation);
            await using var command = source.CreateCommand($"select stock from products where id = {id}");
            var stock = (int)(await command.ExecuteScalarAsync(Cancelled))!;
            lock (_gate)
                if (generation == _generation)
                    Values[id] = stock;
        }
    }
}
