using System.Globalization;
using System.Text.Json;
using Edge.Testing;
using Npgsql;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class OrdersInProcess(TestBed bed) : OrderFacts(bed.InProcess);

public sealed class OrdersNative(TestBed bed) : OrderFacts(bed.Native);

/// <summary>Buying. Each fact has people and products of its own, or a database, so that the shared one may be used.</summary>
public abstract class OrderFacts : Facts
{
    const string Target = "/api/orders";
    const string Address = "12 Rue des Tanneurs, 59000 Lille";
    const int Seed = 20260501;

    private protected OrderFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task An_order_is_what_was_bought_at_the_catalogues_prices()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (userId, session) = await database.NewUser();
        var (cup, pot) = (await NewProduct(database, 19.99m, 10), await NewProduct(database, 0.01m, 1000));
        using var answer = await Place(edge, session, "k", (pot, 1000), (cup, 3));
        var order = await edge.Json(answer, Target, 201);
        Assert.Equal($"/api/orders/{order.Id()}", answer.Header("Location"));
        Assert.Null(answer.Header("Idempotency-Replayed"));
        Assert.True(answer.Headers.CacheControl is { NoStore: true });
        Assert.Equal(["id", "status", "total", "shippingAddress", "createdAt", "updatedAt", "items"], order.Members());
        Assert.Equal(("pending", "69.97", Address), (order.Text("status"), order.GetProperty("total").GetRawText(), order.Text("shippingAddress")));
        Assert.Equal(
            [$"{cup} 3 19.99", $"{pot} 1000 0.01"],
            order.GetProperty("items").EnumerateArray().Select(static item => $"{item.GetProperty("productId")} {item.GetProperty("quantity")} {item.GetProperty("unitPrice").GetRawText()}"));
        Assert.True(JsonElement.DeepEquals(order, await edge.Json(answer.Header("Location")!, session)));
        Assert.Equal([7, 0], await Stocks(database, cup, pot));
        Assert.Equal(7, (await edge.Json($"/api/products/{cup}")).GetProperty("stock").GetInt32());
        Assert.Equal(userId, await database.Value<long>("select user_id from orders where id = @id", ("id", order.Id())));
        Assert.Equal(2, await database.Value<long>("select count(*) from order_items i join orders o on o.id = i.order_id where o.id = @id and i.ordered_at = o.created_at", ("id", order.Id())));
    }

    /// <summary>The products that each of them wants, in whatever order, are three; there is stock for about half of it.</summary>
    [Fact]
    public async Task Two_hundred_buyers_at_once_neither_oversell_nor_deadlock()
    {
        const int buyers = 200;
        // They wait for each other at the pool, and on a busy machine for long.
        await using var own = await OwnShop.Open(Way, ("DB_CONNECTION_TIMEOUT", "60"));
        var (edge, database) = own;
        long[] products = [await NewProduct(database, 1.10m, 150), await NewProduct(database, 2.20m, 150), await NewProduct(database, 3.30m, 150)];
        var random = new Random(Seed);
        var orders = new List<((string, string) Session, (long, int)[] Items)>();
        for (var i = 0; i < buyers; i++)
            orders.Add(((await database.NewUser()).Session, [.. products.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(id => (id, random.Next(1, 4)))]));

        var answers = await Task.WhenAll(orders.Select(order => Place(edge, order.Session, "k", order.Items)));
        var sold = products.ToDictionary(static id => id, static _ => 0);
        foreach (var (answer, order) in answers.Zip(orders))
        {
            if ((int)answer.StatusCode == 201)
            {
                foreach (var (id, quantity) in order.Items)
                    sold[id] += quantity;
                continue;
            }
            var fields = (await answer.Problem(409)).GetProperty("errors").Members().ToList();
            Assert.NotEmpty(fields);
            Assert.All(fields, field => Assert.Matches(@"^items\[[0-2]\]\.quantity$", field));
        }
        Assert.InRange(answers.Count(static answer => (int)answer.StatusCode == 409), 1, buyers - 100);
        Assert.Equal(products.Select(id => 150 - sold[id]), await Stocks(database, products));
        Assert.Equal(
            sold.OrderBy(static one => one.Key).Select(static one => $"{one.Key} {one.Value}"),
            await database.Column<string>("select product_id || ' ' || sum(quantity) from order_items where product_id = any(@ids) group by product_id order by product_id", ("ids", products)));
        Assert.Equal(answers.Count(static answer => (int)answer.StatusCode == 201), await database.Value<long>("select count(*) from orders where id in (select order_id from order_items where product_id = any(@ids))", ("ids", products)));
        Assert.Equal(0, await database.Value<long>("select deadlocks from pg_stat_database where datname = current_database()"));
    }

    [Fact]
    public async Task Twenty_calls_with_one_key_place_one_order()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (userId, session) = await database.NewUser();
        var product = await NewProduct(database, 5m, 100);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Place(edge, session, "one", (product, 2))));
        foreach (var answer in answers.Where(static answer => (int)answer.StatusCode != 201))
            await answer.Problem(409);
        using var later = await Place(edge, session, "one", (product, 2));
        var bodies = new HashSet<string> { await later.Content.ReadAsStringAsync(Cancelled) };
        foreach (var answer in answers.Where(static answer => (int)answer.StatusCode == 201))
            bodies.Add(await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Single(bodies);
        Assert.Equal("true", later.Header("Idempotency-Replayed"));
        Assert.Single(answers, static answer => (int)answer.StatusCode == 201 && answer.Header("Idempotency-Replayed") is null);
        Assert.Equal(1, await database.Value<long>("select count(*) from orders where user_id = @id", ("id", userId)));
        Assert.Equal([98], await Stocks(database, product));
    }

    /// <summary>The order waits for a lock that the fact holds, so that the client leaves while it is under way, for certain.</summary>
    [Fact]
    public async Task A_client_that_leaves_before_the_answer_gets_it_when_it_asks_again()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (userId, session) = await database.NewUser();
        var product = await NewProduct(database, 5m, 100);
        var body = Body((product, 2));
        await using (var holder = await database.Sql.OpenConnectionAsync(Cancelled))
        await using (var transaction = await holder.BeginTransactionAsync(Cancelled))
        {
            await using (var hold = new NpgsqlCommand($"select id from products where id = {product} for update", holder))
                await hold.ExecuteNonQueryAsync(Cancelled);
            using (var client = await edge.Connect(Cancelled))
            {
                await client.Send(
                    $"POST {Target} HTTP/1.1\r\nHost: edge\r\nIdempotency-Key: left\r\n{session.Name}: {session.Value}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}", Cancelled);
                await Poll.Until(
                    async _ => await database.Value<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name = 'edge'") == 1,
                    "the order waits", Cancelled);
                // Meanwhile the key is in use.
                using var second = await Place(edge, session, "left", (product, 2));
                await second.Problem(409);
            }
            await transaction.CommitAsync(Cancelled);
        }
        await Poll.Until(async _ => await database.Value<long>("select count(*) from orders where user_id = @id", ("id", userId)) == 1, "the order is there", Cancelled);
        using var answer = await Place(edge, session, "left", (product, 2));
        var order = await edge.Json(answer, Target, 201);
        Assert.Equal("true", answer.Header("Idempotency-Replayed"));
        Assert.Equal([order.Id()], await database.Column<long>("select id from orders where user_id = @id", ("id", userId)));
        Assert.Equal($"/api/orders/{order.Id()}", answer.Header("Location"));
        Assert.Equal([98], await Stocks(database, product));
    }

    [Fact]
    public async Task A_key_stands_for_one_body_of_one_person_for_a_day()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (userId, session) = await database.NewUser();
        var (_, other) = await database.NewUser();
        var (cup, pot) = (await NewProduct(database, 5m, 100), await NewProduct(database, 6m, 100));
        var first = (await edge.Json(await Place(edge, session, "k", (cup, 1), (pot, 2)), Target, 201)).Id();
        // The same, spelled and sorted in another way.
        var spelled = $$"""{"shippingAddress":"{{Address}}", "items":[ {"quantity":2,"productId":{{pot}}},{"productId":{{cup}},"quantity":1} ]}""";
        Assert.Equal(first, (await edge.Json(await edge.SendJson(HttpMethod.Post, Target, spelled, session, ("Idempotency-Key", "k")), Target, 201)).Id());
        foreach (var body in (string[])[Body((cup, 1), (pot, 3)), Body((cup, 1)), spelled.Replace("12 Rue", "13 Rue", StringComparison.Ordinal)])
        {
            using var reused = await edge.SendJson(HttpMethod.Post, Target, body, session, ("Idempotency-Key", "k"));
            Assert.Equal("urn:edge:problem:idempotency-key-reused", (await reused.Problem(422)).Text("type"));
        }
        Assert.NotEqual(first, (await edge.Json(await Place(edge, other, "k", (cup, 1), (pot, 2)), Target, 201)).Id());
        Assert.NotEqual(first, (await edge.Json(await Place(edge, session, "K", (cup, 1), (pot, 2)), Target, 201)).Id());

        await database.Execute("update idempotency_keys set created_at = now() - interval '24 hours 1 second' where user_id = @id", ("id", userId));
        using var nextDay = await Place(edge, session, "k", (cup, 1));
        Assert.NotEqual(first, (await edge.Json(nextDay, Target, 201)).Id());
        Assert.Equal(["k"], await database.Column<string>("select key from idempotency_keys where user_id = @id", ("id", userId)));
    }

    [Fact]
    public async Task A_refused_order_leaves_nothing_and_its_key_may_be_used_again()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (userId, session) = await database.NewUser();
        var (cup, pot) = (await NewProduct(database, 5m, 100), await NewProduct(database, 6m, 1));
        using var refused = await Place(edge, session, "k", (cup, 1), (pot, 2));
        var errors = (await refused.Problem(409)).GetProperty("errors");
        Assert.Equal(["items[1].quantity"], errors.Members());
        Assert.Contains($"{pot} (P): 1", errors.GetRawText());
        Assert.Equal([100, 1], await Stocks(database, cup, pot));
        Assert.Equal(0, await database.Value<long>("select count(*) from idempotency_keys where user_id = @id", ("id", userId)));
        await database.Execute("update products set stock = 2 where id = @id", ("id", pot));
        await edge.Json(await Place(edge, session, "k", (cup, 1), (pot, 2)), Target, 201);
        Assert.Equal([99, 0], await Stocks(database, cup, pot));
    }

    [Fact]
    public async Task A_product_that_is_not_in_the_catalogue_is_named()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (_, session) = await database.NewUser();
        var (cup, gone) = (await NewProduct(database, 5m, 100), await NewProduct(database, 6m, 1));
        await database.Execute("update products set archived_at = now() where id = @id", ("id", gone));
        using var answer = await Place(edge, session, "k", (999_999_999, 1), (cup, 1), (gone, 1));
        Assert.Equal(["items[0].productId", "items[2].productId"], (await answer.Problem(400)).GetProperty("errors").Members());
        Assert.Equal([100], await Stocks(database, cup));
    }

    [Fact]
    public async Task Whose_account_has_just_gone_is_told_so()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (userId, session) = await database.NewUser();
        await edge.Json(Target, session);
        // Nobody is told of it: the session is still in memory.
        await database.Execute("alter table sessions disable trigger user; delete from users where id = @id", ("id", userId));
        using var answer = await Place(edge, session, "k", (await NewProduct(database, 5m, 100), 1));
        await answer.Problem(401);
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { """{ "items": [], "shippingAddress": "street 1" }""", "items" },
        { """{ "items": [null], "shippingAddress": "street 1" }""", "items[0]" },
        { """{ "items": [{ "productId": 0, "quantity": 1 }], "shippingAddress": "street 1" }""", "items[0].productId" },
        { """{ "items": [{ "productId": 1, "quantity": 0 }], "shippingAddress": "street 1" }""", "items[0].quantity" },
        { """{ "items": [{ "productId": 1, "quantity": 1001 }], "shippingAddress": "street 1" }""", "items[0].quantity" },
        { """{ "items": [{ "productId": 1, "quantity": 1 }, { "productId": 1, "quantity": 1 }], "shippingAddress": "street 1" }""", "items[1].productId" },
        { """{ "items": [{ "productId": 1, "quantity": 1 }], "shippingAddress": "s 1" }""", "shippingAddress" },
        { """{ "items": [{ "productId": 1, "quantity": 1 }], "shippingAddress": "🪑🪑🪑" }""", "shippingAddress" },
        { """{ "items": [{ "productId": 1, "quantity": 1 }], "shippingAddress": "street\u00001" }""", "shippingAddress" },
        { """{ "items": [{ "productId": 1, "quantity": 1 }] }""", "shippingAddress" },
        { """{ "shippingAddress": "street 1" }""", "items" },
        { """{ "items": [{ "productId": 1, "quantity": 1, "price": 0.01 }], "shippingAddress": "street 1" }""", "items[0].price" },
        { """{ "items": [{ "productId": 1, "quantity": 1 }], "shippingAddress": "street 1", "total": 1 }""", "total" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task What_cannot_be_ordered_is_refused_by_name(string body, string field)
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Edge.SendJson(HttpMethod.Post, Target, body, session, ("Idempotency-Key", "k"));
        Assert.Equal([field], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task More_than_fifty_products_are_refused()
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Place(Edge, session, "k", [.. Enumerable.Range(1, 51).Select(static id => ((long)id, 1))]);
        Assert.Equal(["items"], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\tb")]
    [InlineData("a", "b")]
    public async Task An_order_needs_one_key(params string[] keys)
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Edge.SendJson(HttpMethod.Post, Target, Body((1, 1)), [session, .. keys.Select(static key => ("Idempotency-Key", key))]);
        Assert.Equal(["Idempotency-Key"], (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task A_key_has_up_to_255_characters()
    {
        var (_, session) = await Database.NewUser();
        using var tooLong = await Place(Edge, session, new string('~', 256), (999_999_999, 1));
        Assert.Equal(["Idempotency-Key"], (await tooLong.Problem(400)).GetProperty("errors").Members());
        using var longest = await Place(Edge, session, new string('~', 255), (999_999_999, 1));
        Assert.Equal(["items[0].productId"], (await longest.Problem(400)).GetProperty("errors").Members());
    }

    /// <summary>Prices to the cent, up to a total that the database does not hold.</summary>
    [Fact]
    public async Task Totals_are_exact()
    {
        await using var own = await Own();
        var (edge, database) = own;
        var (_, session) = await database.NewUser();
        var random = new Random(Seed);
        for (var i = 0; i < 60; i++)
        {
            var items = new List<(long Id, int Quantity)>();
            var total = 0m;
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                var (price, quantity) = (random.NextInt64((long)Math.Pow(10, random.Next(1, 13))) / 100m, random.Next(1, 1001));
                items.Add((await NewProduct(database, price, quantity), quantity));
                total += price * quantity;
            }
            using var answer = await Place(edge, session, $"k{i}", [.. items]);
            if (total > 9_999_999_999.99m)
            {
                Assert.Equal(["items"], (await answer.Problem(400)).GetProperty("errors").Members());
                Assert.Equal(items.Select(static item => item.Quantity), await Stocks(database, [.. items.Select(static item => item.Id)]));
                continue;
            }
            var order = await edge.Json(answer, Target, 201);
            Assert.Equal(total.ToString("0.00", CultureInfo.InvariantCulture), order.GetProperty("total").GetRawText());
            Assert.Equal(total, await database.Value<decimal>("select total from orders where id = @id", ("id", order.Id())));
            Assert.Equal(total, await database.Value<decimal>("select sum(quantity * unit_price) from order_items where order_id = @id", ("id", order.Id())));
        }
    }

    static string Body(params (long Id, int Quantity)[] items) => $$"""
        { "items": [{{string.Join(", ", items.Select(static item => string.Create(CultureInfo.InvariantCulture, $$"""{ "productId": {{item.Id}}, "quantity": {{item.Quantity}} }""")))}}], "shippingAddress": "{{Address}}" }
        """;

    static Task<HttpResponseMessage> Place(EdgeUnderTest edge, (string, string) session, string key, params (long Id, int Quantity)[] items) =>
        edge.SendJson(HttpMethod.Post, Target, Body(items), session, ("Idempotency-Key", key));

    Task<OwnShop> Own() => OwnShop.Open(Way);

    static Task<long> NewProduct(SeededDatabase database, decimal price, int stock) => OwnShop.NewProduct(database, price, stock);

    static Task<List<int>> Stocks(SeededDatabase database, params long[] ids) => OwnShop.Stocks(database, ids);
}
