using System.Diagnostics;
using Edge.Redis;
using Edge.Redis.Protocol;
using Edge.Testing;

namespace Edge.IntegrationTests.Redis;

/// <summary>Alone: the bytes are those of the whole process.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    const int Commands = 100_000;

    // What timers, the pool's threads and the test runner may allocate meanwhile, per command. The smallest object is 24 bytes.
    const double Noise = 2;

    static readonly RedisScript s_script = new("return ARGV[1]");

    [Theory]
    [InlineData("PING", 0)]
    [InlineData("SET", 0)]
    [InlineData("GET", 24 + 64)]
    [InlineData("GET in place", 0)]
    [InlineData("EVALSHA", 0)]
    public Task A_command_allocates_its_result_and_nothing_else(string command, int resultBytes) => Measure(command, resultBytes, null);

    [Theory]
    [InlineData("GET in place", 0)]
    [InlineData("EVALSHA", 0)]
    public async Task An_observer_costs_no_allocation(string command, int resultBytes)
    {
        var counted = new CountedCommands();
        await Measure(command, resultBytes, counted);
        Assert.True(counted.Ended >= Commands);
    }

    static async Task Measure(string command, int resultBytes, IRedisObserver? observer)
    {
        var server = await SharedServers.Redis(TestContext.Current.CancellationToken);
        Assert.True(RedisUrl.TryParse(server.Url, out var options, out _));
        await using var client = new RedisClient(options with { CommandTimeoutMs = 20_000 }, observer: observer);
        Assert.True((await client.Set("allocation", new byte[64], cancel: CancellationToken.None)).IsOk);
        await Run(client, command, Commands / 4);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Run(client, command, Commands);
        var perCommand = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / Commands;
        Assert.InRange(perCommand, resultBytes - Noise, resultBytes + Noise);
    }

    static Task Run(RedisClient client, string command, int count)
    {
        const int callers = 16;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => Caller(client, command, count / callers))));
    }

    static async Task Caller(RedisClient client, string command, int count)
    {
        var value = new byte[64];
        for (var i = 0; i < count; i++)
        {
            var failure = command switch
            {
                "PING" => (await client.Ping(CancellationToken.None)).Failure,
                "SET" => (await client.Set("allocation", value, 60_000, RedisSetCondition.IfPresent, CancellationToken.None)).Failure,
                "GET" => (await client.Get("allocation", CancellationToken.None)).Failure,
                "GET in place" => (await client.Get("allocation", s_length, CancellationToken.None)).Failure,
                _ => (await client.Eval(s_script, ["allocation"], [i], Replies.Integer, CancellationToken.None)).Failure,
            };
            if (failure is not null) throw new InvalidOperationException(failure.InternalText);
        }
    }

    static readonly RedisReplyReader<long> s_length = static (ref RespReader reply, out long value) =>
    {
        var isString = reply.TryReadSequence(out var bytes);
        value = bytes.Length;
        return isString;
    };

    sealed class CountedCommands : IRedisObserver
    {
        int ended;

        public int Ended => Volatile.Read(ref ended);

        Activity? IRedisObserver.Started(string command) => null;

        void IRedisObserver.Ended(string command, Activity? span, long startedAt, RedisOutcome outcome) => Interlocked.Increment(ref ended);
    }
}
