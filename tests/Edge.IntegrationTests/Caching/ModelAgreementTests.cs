using System.Globalization;
using System.Text;
using Edge.Core.Basics;
using Edge.Core.Caching.L2;
using Edge.Redis;
using Edge.Redis.Caching;
using Edge.Testing.Caching;

namespace Edge.IntegrationTests.Caching;

/// <summary>
/// The same random calls on Redis and on the model: every reply and all news must be the same, but for the names of epochs and what clocks
/// tell. Reaches the mixtures of calls that nobody thought to write down.
/// </summary>
public sealed class ModelAgreementTests(RedisOfClass redis) : IClassFixture<RedisOfClass>
{
    const int Calls = 2_000;
    const int TimeoutMs = 20_000;
    const int LongMs = 600_000;

    static readonly string[] s_keys = ["a", "b", "c"];
    static readonly int[][] s_dependencies = [[0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 2, 1], []];
    static readonly int[][] s_moves = [[0], [1], [1], [2], [3], [3, 1], [3, 2], [2, 0, 1]];

    readonly record struct Call(
        int Kind, string Key, int[] Places, int[] Moves, string? Token, bool IsOfHolder, int Earlier, long FreshMs, long FreshForMs, string? ChangeId);

    readonly record struct Fetched(Call Call, L2Fetch Reply);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Redis_and_the_model_give_the_same_answers(int seed)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var client = new RedisClient(redis.Options);
        var real = new RedisSecondLevel(client, $"seed {seed}");
        var model = new MemorySecondLevel(TimeProvider.System).Connect("model");
        await using var realNews = await NewsReader.Connected(real, cancel);
        await using var modelNews = await NewsReader.Connected(model, cancel);
        var realFetches = new List<Fetched>();
        var modelFetches = new List<Fetched>();
        var seen = new HashSet<string>();
        var random = new RandomSource((ulong)seed);
        for (var i = 0; i < Calls; i++)
        {
            var call = Invent(random, i, realFetches.Count);
            var expected = await Make(model, call, i, modelFetches);
            var actual = await Make(real, call, i, realFetches);
            Assert.True(expected == actual, $"call {i}, {call}:\nmodel {expected}\nredis {actual}");
            seen.UnionWith(expected.Split(' '));
        }

        // Otherwise they may have agreed on little.
        Assert.Superset(
            new HashSet<string>(
                ["none", "suspect", "fresh", "stale", "NotNeeded", "Granted", "Refused", "Stored", "Outdated", "LeaseLost", "released", "unheld"]),
            seen);

        // The same last word in both streams.
        await model.Invalidate([99], null, TimeoutMs);
        await real.Invalidate([99], null, TimeoutMs);
        string heard;
        do
        {
            heard = Describe(await modelNews.Next());
            Assert.Equal(heard, Describe(await realNews.Next()));
        }
        while (!heard.EndsWith("99:1", StringComparison.Ordinal));
    }

    static Call Invent(RandomSource random, int number, int fetches) => new(
        Kind: fetches == 0 ? 0 : random.Next(8),
        Key: random.Pick(s_keys),
        Places: random.Pick(s_dependencies),
        Moves: random.Pick(s_moves),
        Token: random.Chance(0.7) ? string.Create(CultureInfo.InvariantCulture, $"token {number}") : null,
        // Of a load that was granted its lease last, or of any recent fetch.
        IsOfHolder: random.Chance(0.5),
        Earlier: Math.Max(0, fetches - 1 - random.Next(5)),
        FreshMs: random.Pick([-LongMs, LongMs, 3L * LongMs]),
        FreshForMs: random.Pick([0L, 2L * LongMs]),
        ChangeId: random.Chance(0.5) ? null : string.Create(CultureInfo.InvariantCulture, $"change {random.Next(200)}"));

    static async Task<string> Make(ISecondLevel store, Call call, int number, List<Fetched> fetches)
    {
        switch (call.Kind)
        {
            case <= 2:
                var fetch = Value(await store.Fetch(call.Key, call.Places, new(call.Token, LongMs, call.FreshForMs), TimeoutMs));
                fetches.Add(new(call, fetch));
                var body = fetch.Entry is null ? "none" : Encoding.UTF8.GetString(fetch.Entry);
                var state = $"{(fetch.IsSuspect ? "suspect" : "sure")} {(fetch.FreshMs > 0 ? "fresh" : "stale")}";
                return $"{fetch.Position.Version} {string.Join(',', fetch.At)} {body} {state} {fetch.Lease}";
            case <= 5:
                var (earlier, reply) = Earlier(call, fetches);
                var bytes = Encoding.UTF8.GetBytes($"body-{number}");
                return Value(await store.Store(
                    new(earlier.Key, earlier.Places, reply.Position.Epoch, reply.At, earlier.Token, bytes, 0, call.FreshMs, LongMs),
                    TimeoutMs)).ToString();
            case 6:
                var moved = Value(await store.Invalidate(call.Moves, call.ChangeId, TimeoutMs));
                return $"{moved.Position.Version} {string.Join(',', moved.Places)} {string.Join(',', moved.At)}";
            default:
                var held = Earlier(call, fetches).Call;
                return Value(await store.Release(held.Key, held.Token ?? "no token", TimeoutMs)) ? "released" : "unheld";
        }
    }

    static Fetched Earlier(Call call, List<Fetched> fetches) =>
        call.IsOfHolder && fetches.FindLast(fetch => fetch.Call.Key == call.Key && fetch.Reply.Lease == L2Lease.Granted) is { Call.Key: not null } holder
            ? holder
            : fetches[call.Earlier];

    static string Describe(L2Event news) => news.Kind == L2EventKind.Invalidated
        ? $"{news.Moved.Position.Version} {string.Join(' ', news.Moved.Places.Zip(news.Moved.At, static (place, at) => $"{place}:{at}"))}"
        : $"{news.Kind} {news.Key}";

    static T Value<T>(L2Result<T> result)
    {
        Assert.True(result.IsOk, result.Failure);
        return result.Value;
    }
}
