using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class AnalyticsInProcess(TestBed bed) : AnalyticsFacts(bed.InProcess);

public sealed class AnalyticsNative(TestBed bed) : AnalyticsFacts(bed.Native);

public abstract class AnalyticsFacts : Facts
{
    private protected AnalyticsFacts(EdgeWay way) : base(way)
    {
    }

    /// <summary>Who has bought most, and their session.</summary>
    async Task<(long Id, (string Name, string Value) Session)> Buyer()
    {
        var id = await Database.Value<long>("select user_id from orders where status <> 'cancelled' group by user_id order by count(*) desc, user_id limit 1");
        return (id, await Database.SignIn(id));
    }

    static string Of(long id) => $"/api/users/{id}/analytics";

    [Fact]
    public async Task Analytics_are_what_the_tables_say()
    {
        var (id, session) = await Buyer();
        using var answer = await Edge.Get(Of(id), session);
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
        Assert.Null(answer.Header("ETag"));
        var analytics = await Edge.Json(answer, Of(id));
        Assert.Equal(["user", "orderStatistics", "engagement", "recommendations", "computedAt"], analytics.Members());
        Assert.Equal(["id", "username", "displayName", "createdAt"], analytics.GetProperty("user").Members());
        Assert.Equal(id, analytics.GetProperty("user").Id());

        var orders = analytics.GetProperty("orderStatistics");
        Assert.Equal(["orderCount", "totalSpent", "averageOrderValue", "lastOrderAt"], orders.Members());
        Assert.Equal(await Own<long>("count(*)"), orders.GetProperty("orderCount").GetInt64());
        Assert.Equal(await Own<string>("sum(total)::text"), orders.GetProperty("totalSpent").GetRawText());
        Assert.Equal(await Own<string>("round(avg(total), 2)::text"), orders.GetProperty("averageOrderValue").GetRawText());
        Assert.Equal(await Own<DateTime>("max(created_at)"), orders.GetProperty("lastOrderAt").GetDateTime());

        var engagement = analytics.GetProperty("engagement");
        Assert.Equal(["blogs", "stories", "opportunities", "lastActiveAt"], engagement.Members());
        foreach (var table in (string[])["blogs", "stories", "opportunities"])
            Assert.Equal(await Database.Value<long>($"select count(*) from {table} where author_id = @id", ("id", id)), engagement.GetProperty(table).GetInt64());
        Assert.Equal(await Database.Value<DateTime>("select max(created_at) from sessions where user_id = @id", ("id", id)), engagement.GetProperty("lastActiveAt").GetDateTime(), TimeSpan.FromMinutes(5));

        Task<T> Own<T>(string what) => Database.Value<T>($"select {what} from orders where user_id = @id and status <> 'cancelled'", ("id", id));
    }

    [Fact]
    public async Task Who_has_done_nothing_yet_has_zeros()
    {
        var (id, session) = await Database.NewUser();
        await Database.Execute("update users set created_at = created_at where id = @id", ("id", id));
        var analytics = await Edge.Json(Of(id), session);
        Assert.Equal("""{"orderCount":0,"totalSpent":0.00,"averageOrderValue":0.00,"lastOrderAt":null}""", analytics.GetProperty("orderStatistics").GetRawText());
        Assert.Equal("[]", analytics.GetProperty("recommendations").GetRawText());
        Assert.Empty((await Edge.Json($"/api/users/{id}/recommendations", session)).Items());
    }

    [Fact]
    public async Task They_are_for_their_owner_and_for_admins()
    {
        var (id, _) = await Buyer();
        var (_, author) = await Database.NewUser("author");
        var (_, admin) = await Database.NewUser("admin");
        foreach (var target in (string[])[Of(id), $"/api/users/{id}/recommendations"])
        {
            using var nobody = await Edge.Get(target);
            await nobody.Problem(401);
            using var other = await Edge.Get(target, author);
            await other.Problem(403);
            await Edge.Json(target, admin);
        }
        foreach (var target in (string[])[Of(999999999), "/api/users/999999999/recommendations"])
        {
            using var missing = await Edge.Get(target, admin);
            await missing.Problem(404);
        }
        const string bulk = "/api/users/bulk-analytics?user_ids=1";
        using var bulkNobody = await Edge.Get(bulk);
        await bulkNobody.Problem(401);
        using var bulkOther = await Edge.Get(bulk, author);
        await bulkOther.Problem(403);
    }

    [Fact]
    public async Task Recommendations_were_bought_together_with_what_the_user_bought_and_are_shown_as_they_are_now()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var (ada, session) = await database.NewUser();
        var (bob, _) = await database.NewUser();
        await database.Execute("insert into products (id, category_id, name, description, price, stock) select 900000 + i, 1, 'thing ' || i, '', 5, 5 from generate_series(1, 6) i");
        // Ada has bought 1 and 2. Bob bought 3 with 1 and with 2; 4 with 1; 5 with 1, but cancelled; 6 with neither.
        await Order(ada, false, 1, 2);
        await Order(bob, false, 1, 3);
        await Order(bob, false, 2, 3, 1);
        await Order(bob, false, 1, 4);
        await Order(bob, true, 1, 5);
        await Order(bob, false, 6);
        var analytics = await edge.Json(Of(ada), session);
        Assert.Equal("""[{"productId":900003,"boughtTogether":3},{"productId":900004,"boughtTogether":1}]""", analytics.GetProperty("recommendations").GetRawText());

        var target = $"/api/users/{ada}/recommendations";
        var products = (await edge.Json(target, session)).Items();
        Assert.Equal(["id", "name", "price", "stock", "category", "boughtTogether"], products[0].Members());
        Assert.Equal([900003L, 900004L], products.Select(static product => product.Id()));
        await database.Execute("update products set price = 6 where id = 900003");
        Assert.Equal("6.00", (await edge.Json(target, session)).Items()[0].GetProperty("price").GetRawText());

        Task Order(long user, bool isCancelled, params int[] things) => database.Execute(
            """
            with made as (insert into orders (user_id, total, shipping_address, status) values (@user, 10, 'Somewhere 1', @status) returning id)
            insert into order_items (order_id, product_id, quantity, unit_price, cancelled) select id, 900000 + thing, 1, 5, @status = 'cancelled' from made, unnest(@things) as thing
            """,
            ("user", user), ("status", isCancelled ? "cancelled" : "pending"), ("things", things));
    }

    [Fact]
    public async Task They_are_kept_for_a_quarter_of_an_hour_on_all_instances_unless_the_user_changes()
    {
        var redis = await SharedServers.Redis(Cancelled);
        await using var database = await Database.Copy(Cancelled);
        Dictionary<string, string> settings = new()
        {
            ["DATABASE_URL"] = database.Url, ["REDIS_URL"] = redis.Url, ["EDGE_CACHE_PREFIX"] = $"t{Guid.NewGuid():N}", ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken, ["EDGE_WARM_SECONDS"] = "0",
            // A busy machine must not make Redis fail here.
            ["EDGE_CACHE_REDIS_TIMEOUT_MS"] = "10000",
        };
        // Before they listen: word of the user would make what is kept of them invalid.
        var (id, session) = await database.NewUser();
        await using var edge = await Way.Start(settings, Cancelled);
        await using var other = await Way.Start(settings, Cancelled);
        await Task.WhenAll(edge.IsConnected(), other.IsConnected());
        var first = await edge.Json(Of(id), session);
        await database.Execute("insert into orders (user_id, total, shipping_address) values (@id, 10, 'Somewhere 1')", ("id", id));
        Assert.Equal(first.ToString(), (await edge.Json(Of(id), session)).ToString());
        Assert.Equal(first.ToString(), (await other.Json(Of(id), session)).ToString());

        using var changed = await edge.SendJson(HttpMethod.Patch, $"/api/users/{id}", """{ "displayName": "Another" }""", session);
        Assert.Equal(200, (int)changed.StatusCode);
        var anew = await edge.Json(Of(id), session);
        Assert.Equal(("Another", 1), (anew.GetProperty("user").Text("displayName"), anew.GetProperty("orderStatistics").GetProperty("orderCount").GetInt32()));
        await Poll.Until(async _ => (await other.Json(Of(id), session)).GetProperty("user").Text("displayName") == "Another", "the other instance shows it", Cancelled);
    }

    [Fact]
    public async Task Bulk_analytics_are_each_users_own_in_the_order_asked_for()
    {
        var (_, admin) = await Database.NewUser("admin");
        var ids = await Database.Column<long>("select id from users where id <= 1500 order by id desc limit 200");
        await Edge.Json(Of(ids[3]), admin);
        using var answer = await Edge.Get("/api/users/bulk-analytics?user_ids=" + string.Join(',', ids), admin);
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
        var bulk = await Edge.Json(answer, "/api/users/bulk-analytics");
        Assert.Equal(ids, bulk.Items().Select(static one => one.GetProperty("user").Id()));
        Assert.Equal("[]", bulk.GetProperty("missing").GetRawText());
        foreach (var index in (int[])[0, 3, 199])
            Assert.Equal((await Edge.Json(Of(ids[index]), admin)).ToString(), bulk.Items()[index].ToString());
    }

    [Fact]
    public async Task Bulk_analytics_fold_what_is_repeated_and_name_who_is_missing()
    {
        var (_, admin) = await Database.NewUser("admin");
        var bulk = await Edge.Json("/api/users/bulk-analytics?user_ids=2,999999999,1,2,888888888", admin);
        Assert.Equal([2L, 1L], bulk.Items().Select(static one => one.GetProperty("user").Id()));
        Assert.Equal("[999999999,888888888]", bulk.GetProperty("missing").GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?user_ids=")]
    [InlineData("?user_ids=1,,2")]
    [InlineData("?user_ids=1,x")]
    [InlineData("?user_ids=0")]
    [InlineData("?user_ids=1, 2")]
    [InlineData("?user_ids=9223372036854775808")]
    [InlineData("?user_ids=1&user_ids=2")]
    public async Task Ids_that_cannot_be_read_are_refused(string query)
    {
        var (_, admin) = await Database.NewUser("admin");
        await Edge.Refuses("/api/users/bulk-analytics" + query.Replace(" ", "%20", StringComparison.Ordinal), "user_ids", admin);
    }

    [Fact]
    public async Task More_than_200_ids_are_refused()
    {
        var (_, admin) = await Database.NewUser("admin");
        await Edge.Refuses("/api/users/bulk-analytics?user_ids=" + string.Join(',', Enumerable.Range(1, 201)), "user_ids", admin);
    }
}
