using System.Diagnostics;
using System.Net;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.CacheFaults;

/// <summary>What is typed in psql shows on every instance within a second.</summary>
[Collection(nameof(CacheCluster))]
public sealed class CacheFollowsDatabaseTests(CacheCluster cluster)
{
    const string BestSeller = "select product_id from order_items where not cancelled and ordered_at >= now() - interval '30 days' group by 1 order by sum(quantity) desc limit 1";

    /// <summary>How often something is done again that a call of Redis failed in meanwhile: it has 100 ms, and this machine may take longer.</summary>
    const int Attempts = 5;

    static readonly TimeSpan ASecond = TimeSpan.FromSeconds(1);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_update_shows_on_every_instance_within_a_second()
    {
        const int updates = 50;
        await cluster.Warm();
        await using var connection = await cluster.Connect();
        var (latencies, slowestControlMs) = (new List<double>(), 0.0);
        for (var id = 1; id <= updates; id++)
        {
            var marker = cluster.NextMarker();
            await using (var update = new NpgsqlCommand(CacheNode.Invariant($"update products set stock = {marker} where id = {id}"), connection))
                await update.ExecuteNonQueryAsync(Cancelled);
            var shown = await UntilAll(async node => await node.Stock(id, Cancelled) == marker);
            latencies.Add(shown.Ms);
            slowestControlMs = Math.Max(slowestControlMs, shown.SlowestControlMs);
        }
        latencies.Sort();
        var (median, longest) = (latencies[updates / 2], latencies[^1]);
        cluster.Report.Add(CacheNode.Invariant(
            $"Without any fault, {updates} single updates, from the commit until the last of three instances shows it, asked every 5 ms: median {median:0} ms, longest {longest:0} ms."));
        Assert.InRange(median, 0, ASecond.TotalMilliseconds);
        // Other programs share the machine.
        Assert.InRange(longest, 0, 2 * ASecond.TotalMilliseconds + slowestControlMs);
    }

    [Theory]
    [InlineData("a price", "update products set price = 1234.56 where id = 30", "/api/products/30", "1234.56")]
    [InlineData("a price in a list", "update products set price = 4321.09 where id = (select max(id) from products)", "/api/products?limit=5", "4321.09")]
    [InlineData("a popular product's price", "update products set price = 7654.32 where id = (" + BestSeller + ")", "/api/products/popular", "7654.32")]
    [InlineData("a category's address", "update categories set slug = slug || '-anew' where id = (select category_id from products where id = 31)", "/api/products/31", "-anew")]
    [InlineData("a user's name", "update users set display_name = 'Renamed Person' where id = 7", "/api/users/7", "Renamed Person")]
    [InlineData(
        "an author's name", "update users set username = 'renamed_author' where id = (select author_id from blogs where status = 'published' order by id limit 1)",
        "/api/blogs", "renamed_author")]
    public async Task A_change_shows(string what, string sql, string path, string expected)
    {
        foreach (var node in cluster.Nodes)
            Assert.DoesNotContain(expected, await node.Body(path, Cancelled));
        await cluster.Execute(sql);
        IsSoon(what, await UntilAll(async node => (await node.Body(path, Cancelled)).Contains(expected, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_update_is_told_by_one_instance()
    {
        const int updates = 50;
        await cluster.Settle();
        var (callsBefore, newsBefore) = await Told();
        await using var connection = await cluster.Connect();
        for (var i = 1; i <= updates; i++)
        {
            await using var update = new NpgsqlCommand(CacheNode.Invariant($"update products set stock = {cluster.NextMarker()} where id = {i}"), connection);
            await update.ExecuteNonQueryAsync(Cancelled);
        }
        await Poll.Until(async _ => (await Told()).News >= newsBefore + cluster.Nodes.Count * updates, "all instances have been told of all", Cancelled);
        var calls = (await Told()).Calls - callsBefore;
        cluster.Report.Add(CacheNode.Invariant($"{updates} single updates, which each of {cluster.Nodes.Count} instances hears of by itself, cost {calls} calls of Redis."));
        Assert.InRange(calls, updates, 2 * updates);

        async Task<(long Calls, long News)> Told()
        {
            var (calls, news) = (0L, 0L);
            foreach (var node in cluster.Nodes)
            {
                var level = (await node.Stats(Cancelled)).GetProperty("l2");
                (calls, news) = (calls + level.GetProperty("calls").GetInt64(), news + level.GetProperty("news").GetInt64());
            }
            return (calls, news);
        }
    }

    /// <summary>Whatever is sold changes the stock of something.</summary>
    [Fact]
    public async Task Popular_products_are_not_loaded_again_when_something_else_changes()
    {
        const string path = "/api/products/popular";
        foreach (var node in cluster.Nodes)
            (await node.Get(path, Cancelled)).Dispose();
        var marker = cluster.NextMarker();
        await cluster.Execute(CacheNode.Invariant($"update products set stock = {marker} where id = (select max(id) from products where id not in (select product_id from order_items))"));
        await UntilAll(async node => (await node.Body("/api/products?limit=50", Cancelled)).Contains(CacheNode.Invariant($"{marker}"), StringComparison.Ordinal));
        foreach (var node in cluster.Nodes)
            Assert.Contains("detail=l1", await node.CacheStatus(path, Cancelled));
    }

    [Fact]
    public async Task A_post_comes_with_its_publication_and_goes_when_it_is_withdrawn()
    {
        var slug = await cluster.Scalar<string>("select slug from blogs where status = 'published' order by id limit 1");
        var path = "/api/blogs/" + slug;
        IsSoon("the post", await UntilAll(async node => await Status(node, path) == HttpStatusCode.OK));
        await cluster.Execute($"update blogs set status = 'draft' where slug = '{slug}'");
        IsSoon("its withdrawal", await UntilAll(async node => await Status(node, path) == HttpStatusCode.NotFound));
        await cluster.Execute($"update blogs set status = 'published' where slug = '{slug}'");
        IsSoon("its publication", await UntilAll(async node => await Status(node, path) == HttpStatusCode.OK));
    }

    [Fact]
    public async Task What_is_cleared_on_one_instance_is_cleared_on_all()
    {
        await WhileRedisAnswers(40, async path =>
        {
            foreach (var node in cluster.Nodes)
            {
                using (await node.Get(path, Cancelled))
                    Assert.Contains("detail=l1", await node.CacheStatus(path, Cancelled));
            }
            var isEverywhere = await cluster.Nodes[1].Clear("""{"all":true}""", Cancelled);
            // The news was sent before that answer; it may still be on its way.
            foreach (var node in cluster.Nodes)
                await Poll.Until(
                    async token => (await node.Stats(token)).GetProperty("l1").GetProperty("entries").GetInt32() == 0, "its memory is empty", Cancelled);
            var (first, third) = (await cluster.Nodes[0].CacheStatus(path, Cancelled), await cluster.Nodes[2].CacheStatus(path, Cancelled));
            return (0, () =>
            {
                Assert.True(isEverywhere);
                Assert.Contains("fwd=miss", first);
                Assert.Contains("detail=l2", third);
            });
        });
    }

    /// <summary>A scale-out is no reason for the others to load anything.</summary>
    [Fact]
    public async Task An_instance_that_joins_expires_nothing_of_the_others()
    {
        await WhileRedisAnswers(60, async path =>
        {
            foreach (var node in cluster.Nodes)
                (await node.Get(path, Cancelled)).Dispose();
            var loads = await cluster.Nodes[0].Loads(Cancelled);
            await using var fourth = await cluster.StartNode(cluster.RedisLink.Port);
            await Poll.Until(fourth.IsWhole, "it shares and hears", Cancelled);
            var others = await Task.WhenAll(cluster.Nodes.Select(node => node.CacheStatus(path, Cancelled)));
            var joined = await fourth.CacheStatus(path, Cancelled);
            var loadsAfter = await cluster.Nodes[0].Loads(Cancelled);
            return (await Failures([fourth]), () =>
            {
                Assert.All(others, static status => Assert.Contains("detail=l1", status));
                Assert.Contains("detail=l2", joined);
                Assert.Equal(loads, loadsAfter);
            });
        });
    }

    static async Task<HttpStatusCode> Status(CacheNode node, string path)
    {
        using var answer = await node.Get(path, Cancelled);
        return answer.StatusCode;
    }

    static void IsSoon(string what, (double Ms, double SlowestControlMs) shown) =>
        Assert.True(shown.Ms < 2 * ASecond.TotalMilliseconds + shown.SlowestControlMs, $"{what} showed after {shown.Ms} ms, /health after {shown.SlowestControlMs} ms");

    static async Task<long> Failures(IEnumerable<CacheNode> nodes)
    {
        var sum = 0L;
        foreach (var node in nodes)
            sum += (await node.Stats(Cancelled)).GetProperty("l2").GetProperty("failures").GetInt64();
        return sum;
    }

    /// <summary>Does it with one product after the other until no call of Redis failed meanwhile, and then checks what came of it.</summary>
    /// <param name="act">Returns how many calls of instances failed that are not of the cluster, and the check.</param>
    async Task WhileRedisAnswers(int product, Func<string, Task<(long Failures, Action Check)>> act)
    {
        for (var attempt = 1; ; attempt++)
        {
            await cluster.Settle();
            var before = await Failures(cluster.Nodes);
            var (failures, check) = await act(CacheNode.Invariant($"/api/products/{product++}"));
            if (attempt < Attempts && await Failures(cluster.Nodes) + failures > before)
                continue;
            check();
            return;
        }
    }

    /// <summary>Milliseconds until it is true of all instances, and how long /health took at most meanwhile: what the machine adds.</summary>
    async Task<(double Ms, double SlowestControlMs)> UntilAll(Func<CacheNode, Task<bool>> isTrue)
    {
        var watch = Stopwatch.StartNew();
        var slowestControlMs = 0.0;
        foreach (var node in cluster.Nodes)
            await Poll.Until(
                async _ =>
                {
                    var control = HealthMs(node);
                    var isShown = await isTrue(node);
                    slowestControlMs = Math.Max(slowestControlMs, await control);
                    return isShown;
                }, "an instance shows it", Cancelled);
        return (watch.Elapsed.TotalMilliseconds, slowestControlMs);
    }

    static async Task<double> HealthMs(CacheNode node)
    {
        var started = Stopwatch.GetTimestamp();
        (await node.Get("/health", Cancelled)).Dispose();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
