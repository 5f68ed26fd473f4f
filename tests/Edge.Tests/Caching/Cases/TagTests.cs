using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

public sealed class TagTests : IDisposable
{
    readonly CacheBench _bench = new();

    CacheBench.Node Node => _bench[0];

    public void Dispose() => _bench.Dispose();

    // Case 62
    [Fact]
    public void A_tag_hides_all_that_has_it_on_all_engines()
    {
        using var bench = new CacheBench(3);
        foreach (var node in bench.Nodes)
        {
            node.Read(key: "a");
            node.Read(key: "b");
        }
        Assert.Equal(2, bench.Origin.Calls);
        Assert.True(bench[1].Invalidate());
        Assert.All(bench.Nodes, static node => Assert.True(node.Read(key: "a").Value > 2));
        Assert.All(bench.Nodes, static node => Assert.True(node.Read(key: "b").Value > 2));
        Assert.Equal(4, bench.Origin.Calls);
    }

    // Case 62: what the second level still has
    [Fact]
    public void A_tag_hides_what_a_cold_engine_would_have_found_in_the_second_level()
    {
        using var bench = new CacheBench(2);
        bench[0].Read();
        bench[0].Invalidate();
        Assert.Equal((CacheSource.Miss, 2), bench[1].Read());
    }

    // Case 63
    [Fact]
    public void An_entry_obeys_the_tags_that_it_was_loaded_with_last()
    {
        Node.Read(tag: "old");
        Node.Invalidate("key");
        Node.Read(tag: "new");
        Node.Invalidate("old");
        Assert.Equal((CacheSource.Hit, 2), Node.Read(tag: "new"));
        Node.Invalidate("new");
        Assert.Equal((CacheSource.Miss, 3), Node.Read(tag: "new"));
    }

    // Case 64
    [Fact]
    public void To_clear_gives_the_memory_back_on_all_engines_and_to_expire_all_does_not()
    {
        using var bench = new CacheBench(2);
        bench[0].Read();
        bench[1].Read();
        bench[0].Expire("all");
        Assert.Equal([1, 1], bench.Nodes.Select(static node => node.Cache.Statistics().Entries));
        bench[0].Invalidate("all");
        Assert.Equal([0, 0], bench.Nodes.Select(static node => node.Cache.Statistics().Entries));
    }

    // Cases 50, 65; P1, P3
    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public void What_a_load_read_before_an_invalidation_is_never_served_after_it(string what)
    {
        _bench.Origin.Hold();
        var before = Node.BeginRead();
        Node.Invalidate(what);
        var after = Node.BeginRead();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal(1, CacheBench.Ended(before).Value);
        Assert.Equal(2, CacheBench.Ended(after).Value);
        Assert.Equal((CacheSource.Hit, 2), Node.Read());
    }

    // Case 65; P2
    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public void What_a_load_read_before_an_expiry_is_not_fresh_after_it(string what)
    {
        _bench.Origin.Hold();
        var before = Node.BeginRead();
        Node.Expire(what);
        var after = Node.BeginRead();
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal(1, CacheBench.Ended(before).Value);
        Assert.Equal((CacheSource.Miss, 2), CacheBench.Ended(after));
        Assert.Equal((CacheSource.Hit, 2), Node.Read());
    }

    // Case 65; P4
    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public void A_background_load_cannot_bring_invalidated_data_back(string what)
    {
        Node.Read();
        _bench.Pass(1_500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Stale, 1), Node.Read());
        Node.Invalidate(what);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 3), Node.Read());
        Assert.Equal((CacheSource.Hit, 3), Node.Read());
        Assert.Equal(1, Node.Counts.Outdated);
    }

    // Case 65; P4b
    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public void An_early_refresh_cannot_bring_invalidated_data_back(string what)
    {
        var eager = CacheBench.Policy with { EarlyRefresh = 1_000 };
        Node.ReadTaking(20, eager);
        _bench.Pass(500);
        _bench.Origin.Hold();
        Assert.Equal((CacheSource.Hit, 1), Node.Read(eager));
        Node.Invalidate(what);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal((CacheSource.Miss, 3), Node.Read());
    }

    // Case 65: the load runs on one engine, the invalidation comes from another
    [Theory]
    [InlineData("tag")]
    [InlineData("key")]
    [InlineData("all")]
    public void A_load_on_one_engine_cannot_share_what_another_has_invalidated(string what)
    {
        using var bench = new CacheBench(3);
        bench.Origin.Hold();
        var before = bench[0].BeginRead();
        bench[1].Invalidate(what);
        bench.Origin.Release();
        bench.Settle();
        Assert.Equal(1, CacheBench.Ended(before).Value);
        Assert.All(bench.Nodes, static node => Assert.Equal(2, node.Read().Value));
    }

    // Case 66: there is no marker that could be made anew
    [Fact]
    public void An_invalidation_of_something_else_touches_nothing()
    {
        Node.Read();
        Node.Invalidate("something else");
        Node.Expire("something else");
        Assert.Equal((CacheSource.Hit, 1), Node.Read());
    }

    // Case 66: neither an old invalidation nor the tag's own age hides what was loaded since
    [Fact]
    public void An_invalidation_hides_what_was_there_and_nothing_that_comes_after_it()
    {
        using var bench = new CacheBench(2);
        bench[0].Invalidate();
        bench[0].Read();
        bench.Nodes[1].Link.Cut();
        bench.Nodes[1].Link.Heal();
        bench.Pass(300);
        Assert.Equal((CacheSource.Shared, 1), bench[1].Read());
        Assert.Equal((CacheSource.Hit, 1), bench[0].Read());
    }
}
