using System.Diagnostics;
using Edge.Core.Basics;
using Edge.Core.Caching.L2;
using Edge.Redis;
using Edge.Redis.Caching;
using Edge.Testing;

namespace Edge.IntegrationTests.Caching;

/// <summary>A real server that is killed, frozen, and cut off while the cache uses it.</summary>
public sealed class RedisSecondLevelFaultTests
{
    const int TimeoutMs = 20_000;

    /// <summary>Its place in <see cref="Failures"/>.</summary>
    const int Invalidation = 3;

    static readonly int[] s_places = [0, 2, 3];

    // Short, so that a test takes seconds.
    static readonly RedisOptions s_impatient = new()
    {
        ConnectTimeoutMs = 600,
        SilenceTimeoutMs = 400,
        KeepAliveMs = 100,
        BackoffBaseMs = 5,
        BackoffMaxMs = 50,
    };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_was_killed_and_starts_empty_costs_values_and_is_known_by_its_epoch()
    {
        await using var server = await RedisServer.Start(Cancel);
        await using var client = new RedisClient(s_impatient with { Port = server.Port });
        var store = new RedisSecondLevel(client, "edge");
        await using var news = await NewsReader.Connected(store, Cancel);
        var before = await Ok(store.Fetch("k", s_places, new("a", TimeoutMs, 0), TimeoutMs));
        var entry = new L2Entry("k", s_places, before.Position.Epoch, before.At, "a", "body"u8.ToArray(), 0, TimeoutMs, TimeoutMs);
        Assert.Equal(L2Stored.Stored, await Ok(store.Store(entry, TimeoutMs)));

        await server.Kill(Cancel);
        await news.Next(L2EventKind.Lost);
        foreach (var failure in await Failures(store, timeoutMs: 50)) Assert.False(string.IsNullOrEmpty(failure));

        await server.Restart(Cancel);
        await news.Next(L2EventKind.Connected);
        var all = await Ok(store.ReadGenerations(TimeoutMs));
        Assert.NotEqual(before.Position.Epoch, all.Position.Epoch);
        Assert.Equal(L2Stored.Outdated, await Ok(store.Store(entry with { Token = null }, TimeoutMs)));
        Assert.Null((await Ok(store.Fetch("k", s_places, default, TimeoutMs))).Entry);
        await Ok(store.Invalidate([2], null, TimeoutMs));
        Assert.Equal(all.Position with { Version = 1 }, (await news.Next(L2EventKind.Invalidated)).Moved.Position);
    }

    [Fact]
    public async Task On_a_frozen_server_each_call_ends_by_its_deadline()
    {
        const int deadlineMs = 100;
        await using var server = await RedisServer.Start(Cancel);
        await using var client = new RedisClient(s_impatient with { Port = server.Port, SilenceTimeoutMs = 60_000 });
        var store = new RedisSecondLevel(client, "edge");
        // A script that the server does not know yet would not run without a second round trip.
        await Ok(store.Invalidate([2], null, TimeoutMs));
        var moves = 1L;
        server.Pause();
        try
        {
            var watch = Stopwatch.StartNew();
            var failures = await Failures(store, deadlineMs);
            // The client's own deadline, which 0 would mean, is longer by far.
            Assert.InRange(watch.ElapsedMilliseconds, deadlineMs - 20, 5_000);
            foreach (var failure in failures) Assert.False(string.IsNullOrEmpty(failure));
            var more = await Failures(store, timeoutMs: 0);
            foreach (var failure in more) Assert.False(string.IsNullOrEmpty(failure));
            moves += WasSent(failures[Invalidation]) + WasSent(more[Invalidation]);
        }
        finally
        {
            server.Resume();
        }

        // A call that failed may have run: each of these has that was sent before this machine let its deadline pass, and no other.
        var all = await Ok(store.ReadGenerations(TimeoutMs));
        Assert.Equal((moves, (uint)moves), (all.Position.Version, Assert.Single(all.At)));

        static int WasSent(string? failure) => failure switch
        {
            "the deadline passed before the reply came" => 1,
            "the deadline passed before the command was sent" => 0,
            _ => throw new Xunit.Sdk.XunitException($"Not a deadline: {failure}"),
        };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task However_the_link_breaks_a_reader_never_misses_a_move_without_being_told(int seed)
    {
        const int steps = 60;
        await using var server = await RedisServer.Start(Cancel);
        await using var proxy = CuttingProxy.Start(server.Port);
        await using var direct = new RedisClient(new RedisOptions { Port = server.Port, CommandTimeoutMs = TimeoutMs });
        await using var client = new RedisClient(s_impatient with { Port = proxy.Port });
        var writer = new RedisSecondLevel(direct, "edge");
        var reader = new Follower(new RedisSecondLevel(client, "edge"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var following = reader.Follow(stop.Token);
        var random = new RandomSource((ulong)seed);
        for (var step = 0; step < steps; step++)
        {
            for (var left = random.Next(20); left > 0; left--)
                await Ok(writer.Invalidate([random.Next(6), random.Next(6)], null, TimeoutMs));
            var connections = client.Status.Connections;
            switch (random.Next(12))
            {
                case <= 3:
                    await proxy.Cut();
                    break;
                case <= 6:
                    await proxy.Refuse();
                    await Ok(writer.Invalidate([7], null, TimeoutMs));
                    proxy.Pass();
                    break;
                case 7:
                    proxy.Stall();
                    await Ok(writer.Invalidate([7], null, TimeoutMs));
                    await Poll.Until(() => client.Status.State != RedisLinkState.Ready, "the silence is noticed", Cancel);
                    proxy.Pass();
                    break;
                case 8:
                    Assert.True((await direct.Execute(["FLUSHALL"], Replies.Any, Cancel)).IsOk);
                    continue;
                default:
                    continue;
            }
            if (random.Chance(0.7)) await Poll.Until(() => client.Status.Connections > connections, "connected again", Cancel);
        }

        await Ok(writer.Invalidate([8], null, TimeoutMs));
        var all = await Ok(writer.ReadGenerations(TimeoutMs));
        await Poll.Until(() => following.IsCompleted || reader.Position == all.Position, "the reader is where the store is", Cancel);
        await stop.CancelAsync();
        await following;
        Assert.Equal(all.Places.Zip(all.At).ToDictionary(), reader.Generations);
        Assert.True(reader.Losses > 5, "the link was hardly ever lost");
        Assert.True(reader.Heard > 50, "hardly any news was heard");
    }

    /// <summary>Keeps the generations as an instance would: read when connected, moved by news in between.</summary>
    sealed class Follower(ISecondLevel store)
    {
        public Dictionary<int, uint> Generations { get; private set; } = [];

        public L2Position Position { get; private set; }

        public int Losses { get; private set; }

        public int Heard { get; private set; }

        public async Task Follow(CancellationToken stop)
        {
            var isComplete = false;
            await foreach (var news in store.Listen(stop))
            {
                switch (news.Kind)
                {
                    case L2EventKind.Lost:
                        isComplete = false;
                        Losses++;
                        break;
                    case L2EventKind.Connected:
                    case L2EventKind.Invalidated when news.Moved.Position.Epoch != Position.Epoch:
                        await ReadAll(stop);
                        isComplete = true;
                        break;
                    case L2EventKind.Invalidated when news.Moved.Position.Version > Position.Version:
                        Assert.True(isComplete, "news came between Lost and Connected");
                        // The gap that nobody was told of would be seen here.
                        Assert.Equal(Position.Version + 1, news.Moved.Position.Version);
                        foreach (var (place, at) in news.Moved.Places.Zip(news.Moved.At)) Generations[place] = at;
                        Position = news.Moved.Position;
                        Heard++;
                        break;
                }
            }
        }

        async Task ReadAll(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var all = await store.ReadGenerations(200);
                if (!all.IsOk)
                {
                    await Task.Yield();
                    continue;
                }
                Generations = all.Value.Places.Zip(all.Value.At).ToDictionary();
                Position = all.Value.Position;
                return;
            }
        }
    }

    static async Task<string?[]> Failures(RedisSecondLevel store, int timeoutMs)
    {
        var entry = new L2Entry("k", s_places, "epoch", [0, 0, 0], "a", "body"u8.ToArray(), 0, TimeoutMs, TimeoutMs);
        var fetch = store.Fetch("k", s_places, new("a", TimeoutMs, 0), timeoutMs).AsTask();
        var stored = store.Store(entry, timeoutMs).AsTask();
        var released = store.Release("k", "a", timeoutMs).AsTask();
        var moved = store.Invalidate([2], null, timeoutMs).AsTask();
        var all = store.ReadGenerations(timeoutMs).AsTask();
        return [(await fetch).Failure, (await stored).Failure, (await released).Failure, (await moved).Failure, (await all).Failure];
    }

    static async Task<T> Ok<T>(ValueTask<L2Result<T>> call)
    {
        var result = await call;
        Assert.True(result.IsOk, result.Failure);
        return result.Value;
    }
}
