using System.Text;
using Edge.Core.Caching.L2;

namespace Edge.IntegrationTests.Caching;

/// <summary>What <see cref="ISecondLevel"/> promises, held against each adapter: so the model that the engine is tested on cannot lie.</summary>
public abstract partial class SecondLevelConformance : IAsyncLifetime
{
    protected const int TimeoutMs = 20_000;
    protected const int LongMs = 600_000;

    // Even: hard. Odd: soft.
    const int Hard = 4;
    const int Soft = 7;
    static readonly int[] s_places = [0, Hard, Soft];

    ISecondLevel _store = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Another instance's link to the same store. Closed with the test.</summary>
    protected abstract Task<ISecondLevel> Connect();

    /// <summary>All that the store knows is gone; the links stand.</summary>
    protected abstract Task Forget();

    public virtual async ValueTask InitializeAsync() => _store = await Connect();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Where_nothing_is_stored_a_fetch_tells_where_the_places_stand_and_grants_the_lease()
    {
        var fetch = await Fetch("k", "a");
        Assert.NotEmpty(fetch.Position.Epoch);
        Assert.Equal((0, L2Lease.Granted, 0), (fetch.Position.Version, fetch.Lease, fetch.LeaseWaitMs));
        Assert.Equal([0u, 0u, 0u], fetch.At);
        Assert.Null(fetch.Entry);
    }

    [Fact]
    public async Task What_was_stored_is_fetched_with_its_times_and_wants_no_lease()
    {
        var fetch = await Fetch("k", "a");
        Assert.Equal(L2Stored.Stored, await Store("k", "a", fetch, "body", freshMs: 50_000, ageMs: 3_000));
        var again = await Fetch("k", "b");
        Assert.Equal("body", Text(again));
        Assert.Equal((false, L2Lease.NotNeeded), (again.IsSuspect, again.Lease));
        Assert.InRange(again.AgeMs, 3_000, 3_000 + TimeoutMs);
        Assert.InRange(again.FreshMs, 50_000 - TimeoutMs, 50_000);
        Assert.Equal(fetch.Position, again.Position);
    }

    [Fact]
    public async Task An_entry_past_its_time_is_fetched_as_stale_and_grants_the_lease()
    {
        await Store("k", "a", await Fetch("k", "a"), "old", freshMs: -5_000, ageMs: 9_000);
        var fetch = await Fetch("k", "b");
        Assert.Equal(("old", false, L2Lease.Granted), (Text(fetch), fetch.IsSuspect, fetch.Lease));
        Assert.InRange(fetch.FreshMs, -5_000 - TimeoutMs, -5_000);
    }

    [Theory]
    [InlineData(0, L2Lease.NotNeeded)]
    [InlineData(50_000, L2Lease.NotNeeded)]
    [InlineData(100_000, L2Lease.Granted)]
    public async Task A_lease_is_taken_unless_the_entry_stays_fresh_for_longer_than_wished(long freshForMs, L2Lease lease)
    {
        await Store("k", "a", await Fetch("k", "a"), "body", freshMs: 100_000);
        var fetch = await Fetch("k", "b", freshForMs: freshForMs);
        Assert.Equal(("body", lease), (Text(fetch), fetch.Lease));
    }

    [Fact]
    public async Task After_a_hard_place_has_moved_the_entry_is_not_fetched()
    {
        await Store("k", "a", await Fetch("k", "a"), "body");
        await Invalidate(Hard);
        var fetch = await Fetch("k", "b");
        Assert.Null(fetch.Entry);
        Assert.Equal((L2Lease.Granted, 1), (fetch.Lease, fetch.Position.Version));
        Assert.Equal([0u, 1u, 0u], fetch.At);
    }

    [Fact]
    public async Task After_a_soft_place_has_moved_the_entry_is_suspect_and_grants_the_lease_however_fresh()
    {
        await Store("k", "a", await Fetch("k", "a"), "body");
        await Invalidate(Soft);
        var fetch = await Fetch("k", "b");
        Assert.Equal(("body", true, L2Lease.Granted), (Text(fetch), fetch.IsSuspect, fetch.Lease));
        Assert.Equal([0u, 0u, 1u], fetch.At);
        Assert.True(fetch.FreshMs > 0);

        // Hard wins over soft, and what is stored at the new generations is neither.
        await Invalidate(Hard);
        Assert.Null((await Fetch("k", null)).Entry);
        Assert.Equal(L2Stored.Stored, await Store("k", null, await Fetch("k", null), "new"));
        var renewed = await Fetch("k", "c");
        Assert.Equal(("new", false, L2Lease.NotNeeded), (Text(renewed), renewed.IsSuspect, renewed.Lease));
    }

    [Fact]
    public async Task A_place_that_the_entry_does_not_depend_on_may_move()
    {
        await Store("k", "a", await Fetch("k", "a"), "body");
        await Invalidate(Hard + 2);
        Assert.Equal("body", Text(await Fetch("k", "b")));
    }

    [Fact]
    public async Task An_entry_is_none_to_whoever_asks_with_other_places()
    {
        await Store("k", "a", await Fetch("k", "a"), "body");
        foreach (int[] others in new int[][] { [0, Hard], [0, Soft, Hard], [0, Hard, Soft, 8], [0, Hard + 2, Soft], [] })
            Assert.Null((await Ok(_store.Fetch("k", others, new(null, 0, 0), TimeoutMs))).Entry);
        Assert.Equal("body", Text(await Fetch("k", null)));
    }

    [Fact]
    public async Task An_entry_may_depend_on_nothing()
    {
        var fetch = await Ok(_store.Fetch("k", [], new("a", LongMs, 0), TimeoutMs));
        Assert.Empty(fetch.At);
        await Store("k", "a", fetch, "body", places: []);
        await Invalidate(0, Hard, Soft);
        var again = await Ok(_store.Fetch("k", [], new("b", LongMs, 0), TimeoutMs));
        Assert.Equal(("body", L2Lease.NotNeeded), (Text(again), again.Lease));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(1_000)]
    public async Task An_entry_may_depend_on_much(int count)
    {
        int[] places = [.. Enumerable.Range(0, count).Select(static i => 131_070 - 2 * i)];
        foreach (var body in new[] { "", "a", "ab", new string('c', 300) })
        {
            var fetch = await Ok(_store.Fetch("k", places, default, TimeoutMs));
            Assert.Equal(L2Stored.Stored, await Store("k", null, fetch, body, places: places));
            Assert.Equal(body, Text(await Ok(_store.Fetch("k", places, default, TimeoutMs))));
        }
        await Invalidate(places[^1]);
        Assert.Null((await Ok(_store.Fetch("k", places, default, TimeoutMs))).Entry);
    }

    [Theory]
    [InlineData(Hard)]
    [InlineData(Soft)]
    public async Task A_load_that_an_invalidation_has_overtaken_changes_nothing_and_gives_back_its_lease(int place)
    {
        await Store("k", null, await Fetch("k", null), "first", freshMs: -1);
        var fetch = await Fetch("k", "a");
        await Invalidate(place);
        Assert.Equal(L2Stored.Outdated, await Store("k", "a", fetch, "late"));
        var after = await Fetch("k", "b");
        Assert.Equal(place == Soft ? "first" : null, Text(after));
        Assert.Equal(L2Lease.Granted, after.Lease);
        Assert.Equal(L2Stored.Stored, await Store("k", "b", after, "second"));
    }

    [Fact]
    public async Task Without_a_lease_only_the_generations_decide_and_the_lease_of_another_stays()
    {
        var fetch = await Fetch("k", null);
        Assert.Equal(L2Lease.NotNeeded, fetch.Lease);
        Assert.Equal(L2Lease.Granted, (await Fetch("k", "a")).Lease);
        Assert.Equal(L2Stored.Stored, await Store("k", null, fetch, "bulk", freshMs: -1));
        Assert.Equal(("bulk", L2Lease.Refused), (Text(await Fetch("k", null)), (await Fetch("k", "b")).Lease));
        await Invalidate(Soft);
        Assert.Equal(L2Stored.Outdated, await Store("k", null, fetch, "late"));
        Assert.Equal("bulk", Text(await Fetch("k", null)));
    }

    [Fact]
    public async Task An_entry_is_kept_for_its_time_and_for_ever_is_a_time_too()
    {
        await Store("ever", null, await Fetch("ever", null), "body", freshMs: long.MaxValue, keepMs: long.MaxValue);
        var fetch = await Fetch("ever", "a", freshForMs: 1L << 40);
        Assert.Equal(("body", L2Lease.NotNeeded), (Text(fetch), fetch.Lease));

        await Store("never", null, await Fetch("never", null), "body", freshMs: long.MinValue, keepMs: 0);
        await Store("soon", null, await Fetch("soon", null), "body", keepMs: 30);
        foreach (var key in new[] { "never", "soon" })
            await Testing.Poll.Until(async _ => (await Fetch(key, null)).Entry is null, $"'{key}' is gone", Cancel);
    }

    [Fact]
    public async Task Entries_are_byte_exact_whatever_their_size_and_content()
    {
        // The small ones go through every size at which an entry and what is kept beside it may meet a boundary.
        foreach (var length in Enumerable.Range(0, 320).Concat([4_095, 4_096, 65_536, 1 << 20]))
        {
            var random = new byte[length];
            new Random(length).NextBytes(random);
            var digits = new byte[length];
            digits.AsSpan().Fill((byte)'0');
            foreach (var bytes in new[] { random, digits })
            {
                var fetch = await Fetch("k", null);
                Assert.Equal(L2Stored.Stored, await Ok(_store.Store(Entry("k", null, fetch, bytes), TimeoutMs)));
                Assert.Equal(bytes, (await Fetch("k", null)).Entry);
            }
        }
    }

    [Fact]
    public async Task Keys_are_any_text_and_never_meet()
    {
        string[] keys =
        [
            "", " ", "a b", "a\nb", "a\r\nb", "a\0b", "a\0", "{", "}", "{}", "}{x}", "{edge}:k:", "k:k", "*", "$1",
            "clé ✓ 😀", "\uFFFD", "é", "e\u0301", new('k', 1024), new('k', 1025),
        ];
        foreach (var key in keys) Assert.Equal(L2Stored.Stored, await Store(key, key + "token", await Fetch(key, key + "token"), "body of " + key));
        foreach (var key in keys) Assert.Equal("body of " + key, Text(await Fetch(key, null)));
    }

    protected static async Task<T> Ok<T>(ValueTask<L2Result<T>> call)
    {
        var result = await call;
        Assert.True(result.IsOk, result.Failure);
        return result.Value;
    }

    static string? Text(L2Fetch fetch) => fetch.Entry is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    static L2Entry Entry(
        string key, string? token, L2Fetch fetch, byte[] bytes, long ageMs = 0, long freshMs = LongMs, long keepMs = LongMs, int[]? places = null) =>
        new(key, places ?? s_places, fetch.Position.Epoch, fetch.At, token, bytes, ageMs, freshMs, keepMs);

    Task<L2Fetch> Fetch(string key, string? token, long freshForMs = 0, int leaseMs = LongMs, ISecondLevel? on = null) =>
        Ok((on ?? _store).Fetch(key, s_places, new(token, leaseMs, freshForMs), TimeoutMs));

    Task<L2Stored> Store(
        string key, string? token, L2Fetch fetch, string body, long freshMs = LongMs, long ageMs = 0, long keepMs = LongMs, int[]? places = null) =>
        Ok(_store.Store(Entry(key, token, fetch, Encoding.UTF8.GetBytes(body), ageMs, freshMs, keepMs, places), TimeoutMs));

    Task<L2Generations> Invalidate(params int[] places) => Ok(_store.Invalidate(places, null, TimeoutMs));
}
