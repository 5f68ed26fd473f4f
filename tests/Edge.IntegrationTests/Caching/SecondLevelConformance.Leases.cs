using Edge.Core.Caching.L2;
using Edge.Testing;

namespace Edge.IntegrationTests.Caching;

public abstract partial class SecondLevelConformance
{
    // Runs out during a test, by the store's clock.
    const int ShortMs = 20;

    [Fact]
    public async Task A_second_fetch_is_refused_and_told_how_long_to_wait_at_most()
    {
        await Fetch("k", "a");
        var refused = await Fetch("k", "b", on: await Connect());
        Assert.Null(refused.Entry);
        Assert.Equal(L2Lease.Refused, refused.Lease);
        Assert.InRange(refused.LeaseWaitMs, LongMs - TimeoutMs, LongMs + 1);
        Assert.Equal(L2Lease.NotNeeded, (await Fetch("k", null)).Lease);
        Assert.Equal(L2Lease.Granted, (await Fetch("another", "b")).Lease);
    }

    [Fact]
    public async Task A_lease_runs_out_by_time()
    {
        await Fetch("k", "a", leaseMs: ShortMs);
        await GrantedAgain("k", "b");
        Assert.Equal(L2Lease.Refused, (await Fetch("k", "c")).Lease);
    }

    [Fact]
    public async Task A_load_whose_lease_another_has_taken_stores_nothing()
    {
        var late = await Fetch("k", "a", leaseMs: ShortMs);
        await GrantedAgain("k", "b");
        Assert.Equal(L2Stored.LeaseLost, await Store("k", "a", late, "late"));
        Assert.Null((await Fetch("k", null)).Entry);
        // The other one's lease is untouched.
        Assert.Equal(L2Lease.Refused, (await Fetch("k", "c")).Lease);
        Assert.Equal(L2Stored.Stored, await Store("k", "b", late, "in time"));
    }

    [Fact]
    public async Task A_load_whose_lease_another_has_taken_and_used_stores_nothing()
    {
        var late = await Fetch("k", "a", leaseMs: ShortMs);
        await GrantedAgain("k", "b");
        Assert.Equal(L2Stored.Stored, await Store("k", "b", late, "in time"));
        Assert.Equal(L2Stored.LeaseLost, await Store("k", "a", late, "late"));
        Assert.Equal("in time", Text(await Fetch("k", null)));
    }

    [Fact]
    public async Task A_lease_ends_with_the_store_and_is_of_no_use_a_second_time()
    {
        var fetch = await Fetch("k", "a");
        Assert.Equal(L2Stored.Stored, await Store("k", "a", fetch, "first", freshMs: -1));
        Assert.Equal(L2Stored.LeaseLost, await Store("k", "a", fetch, "second"));
        Assert.Equal(("first", L2Lease.Granted), (Text(await Fetch("k", null)), (await Fetch("k", "b")).Lease));
    }

    [Fact]
    public async Task Whoever_is_both_overtaken_and_without_its_lease_is_outdated()
    {
        var late = await Fetch("k", "a", leaseMs: ShortMs);
        await GrantedAgain("k", "b");
        await Invalidate(Hard);
        Assert.Equal(L2Stored.Outdated, await Store("k", "a", late, "late"));
        Assert.Equal(L2Lease.Refused, (await Fetch("k", "c")).Lease);
    }

    [Fact]
    public async Task A_lease_is_given_back_by_its_token_only_and_once()
    {
        await Fetch("k", "a");
        Assert.False(await Ok(_store.Release("k", "b", TimeoutMs)));
        Assert.False(await Ok(_store.Release("another", "a", TimeoutMs)));
        Assert.Equal(L2Lease.Refused, (await Fetch("k", "c")).Lease);
        Assert.True(await Ok(_store.Release("k", "a", TimeoutMs)));
        Assert.False(await Ok(_store.Release("k", "a", TimeoutMs)));
        Assert.Equal(L2Lease.Granted, (await Fetch("k", "c")).Lease);
    }

    [Fact]
    public async Task Of_a_thousand_fetches_on_four_instances_one_gets_the_lease()
    {
        var links = new[] { _store, await Connect(), await Connect(), await Connect() };
        var fetches = await Task.WhenAll(
            Enumerable.Range(0, 1000).Select(i => Task.Run(() => Fetch("k", $"token {i}", on: links[i % links.Length]), Cancel)));
        Assert.Equal(1, fetches.Count(static fetch => fetch.Lease == L2Lease.Granted));
        Assert.Equal(999, fetches.Count(static fetch => fetch.Lease == L2Lease.Refused));
    }

    Task GrantedAgain(string key, string token) => Poll.Until(
        async _ => (await Fetch(key, token)).Lease == L2Lease.Granted, "the lease has run out", Cancel);
}
