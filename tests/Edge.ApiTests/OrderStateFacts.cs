using System.Text.Json;
using Npgsql;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class OrderStatesInProcess(TestBed bed) : OrderStateFacts(bed.InProcess);

public sealed class OrderStatesNative(TestBed bed) : OrderStateFacts(bed.Native);

/// <summary>What becomes of orders, and who sees them.</summary>
public abstract class OrderStateFacts : Facts
{
    const string Target = "/api/orders";

    private protected OrderStateFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task The_list_holds_ones_own_orders_newest_first_in_pages_and_by_status()
    {
        var userId = await Database.Value<long>("select user_id from orders group by user_id having count(distinct status) > 1 order by count(*) desc limit 1");
        var session = await Database.SignIn(userId);
        var expected = await Database.Column<long>("select id from orders where user_id = @id order by created_at desc, id desc", ("id", userId));
        Assert.True(expected.Count > 4, "the seed has too few for three pages");
        var listed = new List<JsonElement>();
        for (var target = Target + "?limit=2"; target is not null;)
        {
            var page = await Edge.Json(target, session);
            listed.AddRange(page.Items());
            target = page.GetProperty("nextCursor").GetString() is { } cursor ? $"{Target}?limit=2&cursor={cursor}" : null;
        }
        Assert.Equal(["id", "status", "total", "createdAt", "updatedAt"], listed[0].Members());
        Assert.Equal(expected, listed.Select(static order => order.Id()));
        foreach (var status in listed.Select(static order => order.Text("status")).Distinct())
            Assert.Equal(
                listed.Where(order => order.Text("status") == status).Select(static order => order.Id()),
                (await Edge.Json($"{Target}?status={status}&limit=50", session)).Items().Select(static order => order.Id()));
        using var unknown = await Edge.Get(Target + "?status=lost", session);
        Assert.Equal(["status"], (await unknown.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task Somebody_elses_order_is_as_if_there_were_none()
    {
        var (_, session) = await Database.NewUser("admin");
        var id = await Database.Value<long>("select id from orders where status = 'pending' order by id limit 1");
        foreach (var (method, target) in ((HttpMethod, string)[])[(HttpMethod.Get, $"{Target}/{id}"), (HttpMethod.Post, $"{Target}/{id}/cancel"), (HttpMethod.Get, $"{Target}/999999999"), (HttpMethod.Post, $"{Target}/999999999/cancel")])
        {
            using var answer = await Edge.Send(method, target, session);
            Assert.Equal("There is no such order.", (await answer.Problem(404)).Text("detail"));
        }
        Assert.Empty((await Edge.Json(Target, session)).Items());
        Assert.Equal("pending", await Database.Value<string>("select status from orders where id = @id", ("id", id)));
    }

    [Fact]
    public async Task Without_a_session_there_are_no_orders()
    {
        foreach (var (method, target) in ((HttpMethod, string)[])[(HttpMethod.Get, Target), (HttpMethod.Get, Target + "/1"), (HttpMethod.Post, Target), (HttpMethod.Post, Target + "/1/cancel")])
        {
            using var answer = await Edge.Send(method, target, ("Idempotency-Key", "k"));
            await answer.Problem(401);
        }
    }

    [Fact]
    public async Task Of_many_cancellations_at_once_one_returns_the_stock()
    {
        await using var own = await OwnShop.Open(Way);
        var (edge, database) = own;
        var (_, session) = await database.NewUser();
        long[] products = [await OwnShop.NewProduct(database, 5m, 10), await OwnShop.NewProduct(database, 6m, 20)];
        var id = await Buy(edge, session, products);
        Assert.Equal([9, 19], await OwnShop.Stocks(database, products));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => edge.Send(HttpMethod.Post, $"{Target}/{id}/cancel", session)));
        var won = Assert.Single(answers, static answer => (int)answer.StatusCode == 200);
        foreach (var late in answers.Where(answer => answer != won))
            await late.Problem(409);
        var order = await edge.Json(won, $"{Target}/{id}/cancel");
        Assert.Equal("cancelled", order.Text("status"));
        Assert.True(JsonElement.DeepEquals(order, await edge.Json($"{Target}/{id}", session)));
        Assert.Equal([10, 20], await OwnShop.Stocks(database, products));
        Assert.Equal(10, (await edge.Json($"/api/products/{products[0]}")).GetProperty("stock").GetInt32());
        Assert.Equal([true, true], await database.Column<bool>("select cancelled from order_items where order_id = @id", ("id", id)));
    }

    [Theory]
    [InlineData("paid")]
    [InlineData("shipped")]
    [InlineData("delivered")]
    public async Task What_is_not_pending_any_more_is_not_cancelled(string status)
    {
        await using var own = await OwnShop.Open(Way);
        var (edge, database) = own;
        var (_, session) = await database.NewUser();
        var product = await OwnShop.NewProduct(database, 5m, 10);
        var id = await Buy(edge, session, product);
        string[] way = ["paid", "shipped", "delivered"];
        foreach (var next in way[..(Array.IndexOf(way, status) + 1)])
            await database.Execute("update orders set status = @next where id = @id", ("next", next), ("id", id));
        using var answer = await edge.Send(HttpMethod.Post, $"{Target}/{id}/cancel", session);
        await answer.Problem(409);
        Assert.Equal([9], await OwnShop.Stocks(database, product));
    }

    [Fact]
    public async Task The_database_lets_no_order_go_an_impossible_way_and_returns_the_stock_whoever_cancels()
    {
        string[] states = ["pending", "paid", "shipped", "delivered", "cancelled"];
        string[] possible = ["pending paid", "paid shipped", "shipped delivered", "pending cancelled", "paid cancelled"];
        await using var database = await Database.Copy(Cancelled);
        var product = await OwnShop.NewProduct(database, 5m, 10);
        foreach (var from in states)
        {
            foreach (var to in states)
            {
                var id = await database.Value<long>(
                    "with o as (insert into orders (user_id, status, total, shipping_address) values (1, @from, 5, 'street 1') returning id) "
                    + "insert into order_items (order_id, product_id, quantity, unit_price, cancelled) select id, @product, 3, 5, @from = 'cancelled' from o returning order_id", ("from", from), ("product", product));
                var before = (await OwnShop.Stocks(database, product))[0];
                Task Move() => database.Execute("update orders set status = @to where id = @id", ("to", to), ("id", id));
                if (from != to && !possible.Contains($"{from} {to}"))
                    Assert.Equal("orders_status_moves", (await Assert.ThrowsAsync<PostgresException>(Move)).ConstraintName);
                else
                    await Move();
                var isCancelled = to == "cancelled" && possible.Contains($"{from} {to}");
                Assert.Equal(before + (isCancelled ? 3 : 0), (await OwnShop.Stocks(database, product))[0]);
                Assert.Equal(isCancelled || from == "cancelled", await database.Value<bool>("select cancelled from order_items where order_id = @id", ("id", id)));
            }
        }
    }

    static async Task<long> Buy(EdgeUnderTest edge, (string, string) session, params long[] products)
    {
        var items = string.Join(", ", products.Select(static id => $$"""{ "productId": {{id}}, "quantity": 1 }"""));
        using var answer = await edge.SendJson(HttpMethod.Post, Target, $$"""{ "items": [{{items}}], "shippingAddress": "street 1" }""", session, ("Idempotency-Key", "k"));
        return (await edge.Json(answer, Target, 201)).Id();
    }
}
