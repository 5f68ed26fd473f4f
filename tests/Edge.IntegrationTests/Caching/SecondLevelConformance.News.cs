using Edge.Core.Caching.L2;

namespace Edge.IntegrationTests.Caching;

public abstract partial class SecondLevelConformance
{
    [Fact]
    public async Task An_invalidation_tells_every_instance_where_its_places_stand()
    {
        var other = await Connect();
        await using var mine = await NewsReader.Connected(_store, Cancel);
        await using var theirs = await NewsReader.Connected(other, Cancel);
        var epoch = (await Fetch("k", null)).Position.Epoch;
        await Invalidate(Hard);
        var moved = await Invalidate(Hard, Soft, 65_535);
        Assert.Equal(new L2Position(epoch, 2), moved.Position);
        Assert.Equal([Hard, Soft, 65_535], moved.Places);
        Assert.Equal([2u, 1u, 1u], moved.At);
        foreach (var news in new[] { mine, theirs })
        {
            var first = (await news.Next(L2EventKind.Invalidated)).Moved;
            Assert.Equal((new L2Position(epoch, 1), Hard, 1u), (first.Position, Assert.Single(first.Places), Assert.Single(first.At)));
            Same(moved, (await news.Next(L2EventKind.Invalidated)).Moved);
        }
    }

    [Fact]
    public async Task A_place_named_twice_is_told_where_it_stands_in_the_end()
    {
        var moved = await Invalidate(Hard, Hard);
        Assert.Equal(moved.At[0], moved.At[1]);
        Assert.Equal(moved.At[0], (await Fetch("k", null)).At[1]);
    }

    [Fact]
    public async Task Versions_go_up_by_one_and_news_comes_in_their_order_whoever_invalidates()
    {
        const int each = 100;
        ISecondLevel[] links = [_store, await Connect(), await Connect(), await Connect()];
        await using var news = await NewsReader.Connected(_store, Cancel);
        var replies = await Task.WhenAll(links.Select((link, i) => Task.Run(async () =>
        {
            var versions = new List<long>();
            for (var n = 0; n < each; n++) versions.Add((await Ok(link.Invalidate([n % 5, 100 + i], null, TimeoutMs))).Position.Version);
            return versions;
        })));
        Assert.Equal(Enumerable.Range(1, links.Length * each).Select(static n => (long)n), replies.SelectMany(static own => own).Order());

        var heard = new Dictionary<int, uint>();
        for (var version = 1; version <= links.Length * each; version++)
        {
            var moved = (await news.Next(L2EventKind.Invalidated)).Moved;
            Assert.Equal(version, moved.Position.Version);
            foreach (var (place, at) in moved.Places.Zip(moved.At))
            {
                Assert.Equal(heard.GetValueOrDefault(place) + 1, at);
                heard[place] = at;
            }
        }

        var all = await Ok(_store.ReadGenerations(TimeoutMs));
        Assert.Equal(links.Length * each, all.Position.Version);
        Assert.Equal(heard, all.Places.Zip(all.At).ToDictionary());
    }

    [Fact]
    public async Task A_change_that_several_instances_report_moves_once()
    {
        var other = await Connect();
        await using var news = await NewsReader.Connected(_store, Cancel);
        var first = await Ok(_store.Invalidate([Hard], "change 1", TimeoutMs));
        Same(first with { IsRepeat = true }, await Ok(other.Invalidate([Hard], "change 1", TimeoutMs)));
        var second = await Ok(other.Invalidate([Hard], "change 2", TimeoutMs));
        Assert.Equal((2, 2u), (second.Position.Version, second.At[0]));
        // Where they stand now, not where the first report left them.
        Same(second with { IsRepeat = true }, await Ok(_store.Invalidate([Hard], "change 1", TimeoutMs)));
        await IsNews("change 1", first);
        await IsNews("change 2", second);
        await Invalidate(Soft);
        var unnamed = await news.Next(L2EventKind.Invalidated);
        Assert.Equal((3, null), (unnamed.Moved.Position.Version, unnamed.ChangeId));

        async Task IsNews(string change, L2Generations moved)
        {
            var next = await news.Next(L2EventKind.Invalidated);
            Assert.Equal(change, next.ChangeId);
            Same(moved, next.Moved);
        }
    }

    [Fact]
    public async Task All_places_that_have_ever_moved_are_read_and_no_others()
    {
        var none = await Ok(_store.ReadGenerations(TimeoutMs));
        Assert.Equal((0, 0, 0), (none.Position.Version, none.Places.Length, none.At.Length));
        Assert.Equal((await Fetch("k", null)).Position, none.Position);
        await Invalidate(5, 0);
        await Invalidate(65_535, 5);
        var all = await Ok((await Connect()).ReadGenerations(TimeoutMs));
        Assert.Equal(none.Position with { Version = 2 }, all.Position);
        Assert.Equal([(0, 1u), (5, 2u), (65_535, 1u)], all.Places.Zip(all.At).Order());
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("outdated")]
    [InlineData("released")]
    public async Task Whoever_was_refused_a_lease_is_told_its_end(string end)
    {
        const string key = "a b\n{c}\0é";
        var other = await Connect();
        await using var news = await NewsReader.Connected(other, Cancel);
        var fetch = await Fetch(key, "a");
        Assert.Equal(L2Lease.Refused, (await Fetch(key, "b", on: other)).Lease);
        if (end == "outdated")
        {
            await Invalidate(Hard);
            await news.Next(L2EventKind.Invalidated);
        }
        if (end == "released") Assert.True(await Ok(_store.Release(key, "a", TimeoutMs)));
        else Assert.Equal(end == "stored" ? L2Stored.Stored : L2Stored.Outdated, await Store(key, "a", fetch, "body", freshMs: -1));
        Assert.Equal(key, (await news.Next(L2EventKind.Filled)).Key);
        Assert.Equal(L2Lease.Granted, (await Fetch(key, "b", on: other)).Lease);
    }

    [Fact]
    public async Task Nobody_is_told_the_end_of_a_lease_that_nobody_waits_for()
    {
        await using var news = await NewsReader.Connected(_store, Cancel);
        await Store("stored", "a", await Fetch("stored", "a"), "body");
        await Fetch("released", "a");
        await Ok(_store.Release("released", "a", TimeoutMs));
        // Looked at while it was held, but not waited for.
        var fetch = await Fetch("looked at", "a");
        await Fetch("looked at", null);
        await Store("looked at", "a", fetch, "body");
        // Waited for once, told once; the next one's end is its own.
        await Fetch("waited for", "a");
        await Fetch("waited for", "b");
        await Ok(_store.Release("waited for", "a", TimeoutMs));
        await Fetch("waited for", "b");
        await Ok(_store.Release("waited for", "b", TimeoutMs));
        await Invalidate(Hard);
        Assert.Equal("waited for", (await news.Next(L2EventKind.Filled)).Key);
        await news.Next(L2EventKind.Invalidated);
    }

    [Fact]
    public async Task A_store_without_a_lease_tells_nobody()
    {
        await using var news = await NewsReader.Connected(_store, Cancel);
        var fetch = await Fetch("k", "a");
        Assert.Equal(L2Lease.Refused, (await Fetch("k", "b")).Lease);
        await Store("k", null, fetch, "bulk");
        await Invalidate(100);
        await news.Next(L2EventKind.Invalidated);
        await Store("k", "a", fetch, "loaded");
        Assert.Equal("k", (await news.Next(L2EventKind.Filled)).Key);
    }

    [Fact]
    public async Task A_store_that_has_lost_its_memory_has_another_epoch_and_takes_nothing_from_before()
    {
        await Store("k", null, await Fetch("k", null), "body");
        await Ok(_store.Invalidate([Soft], "change", TimeoutMs));
        var before = await Fetch("k", "a");
        await Forget();

        var all = await Ok(_store.ReadGenerations(TimeoutMs));
        Assert.NotEqual(before.Position.Epoch, all.Position.Epoch);
        Assert.Equal((0, 0), (all.Position.Version, all.Places.Length));
        var fetch = await Fetch("k", "b");
        Assert.Null(fetch.Entry);
        Assert.Equal((all.Position, L2Lease.Granted), (fetch.Position, fetch.Lease));
        // The generations are what they were at first: only the epoch tells that the load began before.
        var atFirst = before with { At = [0, 0, 0] };
        Assert.Equal(L2Stored.Outdated, await Store("k", "a", atFirst, "late"));
        Assert.Equal(L2Stored.Outdated, await Store("k", null, atFirst, "late"));
        Assert.Equal(L2Lease.Refused, (await Fetch("k", "c")).Lease);

        // So it is of the change that was known, and of the next loss.
        Assert.Equal((1, 1u), await Moved(_store.Invalidate([Soft], "change", TimeoutMs)));
        await Forget();
        Assert.Equal((1, 1u), await Moved(_store.Invalidate([Soft], null, TimeoutMs)));
        Assert.NotEqual(all.Position.Epoch, (await Fetch("k", null)).Position.Epoch);

        static async Task<(long, uint)> Moved(ValueTask<L2Result<L2Generations>> call)
        {
            var moved = await Ok(call);
            return (moved.Position.Version, Assert.Single(moved.At));
        }
    }

    [Fact]
    public async Task An_epoch_is_ended_once_whoever_asks_and_nothing_of_it_counts_in_the_next()
    {
        ISecondLevel[] links = [_store, await Connect(), await Connect(), await Connect()];
        await Store("k", null, await Fetch("k", null), "body");
        await Ok(_store.Invalidate([Soft], "change", TimeoutMs));
        var before = await Fetch("k", "a");
        Assert.Equal("body", Text(before));
        await using var news = await NewsReader.Connected(links[1], Cancel);
        var ended = await Task.WhenAll(links.Select(link => Task.Run(() => Ok(link.EndEpoch(before.Position.Epoch, TimeoutMs)), Cancel)));
        var next = Assert.Single(ended.Select(static all => all.Position).Distinct());
        Assert.True(string.CompareOrdinal(next.Epoch, before.Position.Epoch) > 0);
        Assert.Equal((0, 0), (next.Version, ended.Sum(static all => all.Places.Length)));

        var told = (await news.Next(L2EventKind.Invalidated)).Moved;
        Assert.Equal((next, 0), (told.Position, told.Places.Length));
        Assert.Equal(L2Stored.Outdated, await Store("k", "a", before with { At = [0, 0, 0] }, "late"));
        var fetch = await Fetch("k", "b");
        Assert.Equal((null, next, L2Lease.Granted), (fetch.Entry, fetch.Position, fetch.Lease));
        Assert.Equal((next with { Version = 1 }, 1u), ((await Invalidate(Soft)) is var moved ? (moved.Position, moved.At[0]) : default));
        Assert.Equal(next with { Version = 1 }, (await news.Next(L2EventKind.Invalidated)).Moved.Position);
    }

    [Fact]
    public async Task An_epoch_that_is_not_the_present_one_is_not_ended()
    {
        var moved = await Invalidate(Hard);
        var all = await Ok(_store.EndEpoch("1", TimeoutMs));
        Assert.Equal((moved.Position, Hard, 1u), (all.Position, Assert.Single(all.Places), Assert.Single(all.At)));
    }

    [Fact]
    public async Task Listening_ends_when_cancelled_without_an_exception()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var news = _store.Listen(ended.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await news.MoveNextAsync());
        Assert.Equal(L2EventKind.Connected, news.Current.Kind);
        var next = news.MoveNextAsync();
        await ended.CancelAsync();
        Assert.False(await next);
    }

    static void Same(L2Generations expected, L2Generations actual)
    {
        Assert.Equal(expected.Position, actual.Position);
        Assert.Equal(expected.Places, actual.Places);
        Assert.Equal(expected.At, actual.At);
        Assert.Equal(expected.IsRepeat, actual.IsRepeat);
    }
}
