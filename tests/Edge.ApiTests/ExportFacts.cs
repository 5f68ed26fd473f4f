using System.Globalization;
using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ExportsInProcess(TestBed bed) : ExportFacts(bed.InProcess);

public sealed class ExportsNative(TestBed bed) : ExportFacts(bed.Native)
{
    /// <summary>In process, the end of another host would end the metric in all of them: they have the same meters.</summary>
    [Fact]
    public async Task A_stream_that_breaks_is_scraped_as_broken_off()
    {
        await using var database = await Large();
        var port = FreePort.Of();
        await using var edge = await Way.Start(
            new()
            {
                ["DATABASE_URL"] = database.Url, ["OTEL_METRICS_EXPORTER"] = "prometheus", ["OTEL_EXPORTER_PROMETHEUS_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            },
            Cancelled);
        using var metrics = new HttpClient();
        var scrape = new Uri($"http://localhost:{port}/metrics");
        await Poll.Until(async token => await ScrapedEdge.IsScraped(metrics, scrape, token), "it is scraped", Cancelled);
        // What began before anything was measured is not counted.
        await Poll.Until(
            async token =>
            {
                await edge.Json("/api/products/1");
                return (await metrics.GetStringAsync(scrape, token)).Contains("http_route=\"/api/products/{id}\"", StringComparison.Ordinal);
            },
            "requests are counted", Cancelled);
        await BreakOff(edge, database);
        await Poll.Until(
            async token => (await metrics.GetStringAsync(scrape, token)).Split('\n').Any(static line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal)
                && line.Contains($"http_route=\"{Orders}\"", StringComparison.Ordinal) && line.Contains("error_type=\"aborted\"", StringComparison.Ordinal)),
            "it is counted as broken off", Cancelled);
    }
}

/// <summary>Whole tables, streamed. A stalled reader is one that stops after the first bytes of an answer that no buffer on the way holds whole.</summary>
public abstract class ExportFacts : Facts
{
    const string Users = "/api/export/users";
    private protected const string Orders = "/api/export/orders/stream";
    const int LargeOrders = 60_000;
    const int ReceiveBytes = 16 * 1024;

    /// <summary>The chunk that ends a body.</summary>
    const string LastChunk = "\r\n0\r\n\r\n";

    private protected ExportFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Users_are_rows_of_csv()
    {
        await using var database = await Database.Copy(Cancelled);
        await database.Execute(
            """
            insert into users (id, email, username, display_name) values
                (900001, '=cmd|'' /c calc''!a1@x', 'odd_1', 'x'), (900002, '+1@x', 'odd_2', 'x'), (900003, '-1@x', 'odd_3', 'x'), (900004, 'a,b@x', 'odd_4', 'x'),
                (900005, '"a"@x', 'odd_5', 'x'), (900006, E'\t@x', 'odd_6', 'x'), (900007, E'\r@x', 'odd_7', 'x'), (900008, E'a\nb@x', 'odd_8', 'x'), (900009, 'é🪑@x', 'odd_9', 'x'),
                (900010, 'a=@x', 'odd_10', 'x'), (900011, '="a"@x', 'odd_11', 'x')
            """);
        var (_, session) = await database.NewUser("admin");
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url }, Cancelled);
        using var answer = await edge.Get(Users, session);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("text/csv; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal("attachment; filename=\"users.csv\"", answer.Header("Content-Disposition"));
        Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
        Assert.Null(answer.Header("ETag"));
        Assert.Null(answer.Header("Content-Length"));

        var expected = await database.Column<string>(
            """
            select concat_ws(',', u.id, u.email, count(o.id), coalesce(sum(o.total), 0))
            from users u left join orders o on o.user_id = u.id and o.status <> 'cancelled' where u.id not between 900001 and 900011 group by u.id order by u.id
            """);
        string[] odd =
        [
            "900001,'=cmd|' /c calc'!a1@x,0,0", "900002,'+1@x,0,0", "900003,'-1@x,0,0", "900004,\"a,b@x\",0,0", "900005,\"\"\"a\"\"@x\",0,0", "900006,'\t@x,0,0", "900007,\"'\r@x\",0,0",
            "900008,\"a\nb@x\",0,0", "900009,é🪑@x,0,0", "900010,a=@x,0,0", "900011,\"'=\"\"a\"\"@x\",0,0",
        ];
        var lines = (await answer.Content.ReadAsStringAsync(Cancelled)).Split("\r\n");
        Assert.Equal("user_id,email,order_count,total_spent", lines[0]);
        Assert.Equal("", lines[^1]);
        Assert.Equal(expected.Concat(odd).Order(StringComparer.Ordinal), lines[1..^1].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Orders_are_lines_of_json_newest_first_and_the_last_says_that_they_are_complete()
    {
        var (_, session) = await Database.NewUser("admin");
        using var answer = await Edge.Get(Orders, session);
        Assert.Equal("application/x-ndjson", answer.Header("Content-Type"));
        Assert.Equal("attachment; filename=\"orders.ndjson\"", answer.Header("Content-Disposition"));
        var lines = await Lines(answer);
        var expected = await Database.Column<long>("select id from orders order by created_at desc, id desc");
        Assert.Equal(expected, lines[..^1].Select(static line => line.Id()));
        Assert.Equal($$"""{"complete":true,"rows":{{expected.Count}}}""", lines[^1].GetRawText());
        Assert.Equal(["id", "userId", "username", "status", "total", "shippingAddress", "createdAt", "updatedAt"], lines[0].Members());
        Assert.Equal(
            await Database.Column<string>("select u.username from orders o join users u on u.id = o.user_id order by o.created_at desc, o.id desc limit 50"),
            lines[..50].Select(static line => line.Text("username")));
    }

    [Fact]
    public async Task Since_leaves_out_what_is_older()
    {
        var (_, session) = await Database.NewUser("admin");
        var since = await Database.Value<DateTime>("select created_at from orders order by created_at desc, id desc offset 99 limit 1");
        using var some = await Edge.Get($"{Orders}?since={since.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)}", session);
        var lines = await Lines(some);
        Assert.Equal(await Database.Column<long>("select id from orders where created_at >= @since order by created_at desc, id desc", ("since", since)), lines[..^1].Select(static line => line.Id()));
        Assert.InRange(lines.Count, 100, 200);
        using var none = await Edge.Get(Orders + "?since=9999-12-31T23:59:59Z", session);
        Assert.Equal("{\"complete\":true,\"rows\":0}\n", await none.Content.ReadAsStringAsync(Cancelled));
        using var all = await Edge.Get(Orders + "?since=0001-01-01T00:00:00Z", session);
        Assert.Equal(4001, (await Lines(all)).Count);
    }

    [Fact]
    public async Task What_is_no_time_in_utc_is_refused_by_name()
    {
        var (_, session) = await Database.NewUser("admin");
        await All(BadInputFacts.NotTimes, async raw => Assert.Equal("must be a time in UTC, as 2026-05-01T08:00:00Z", await Edge.Refuses($"{Orders}?since={raw}", "since", session)));
    }

    [Fact]
    public async Task Head_has_the_headers_and_asks_for_nothing()
    {
        await using var counter = RoundTripCounter.Start(new Uri(Database.Url).Port);
        await using var edge = await Way.Start(
            new() { ["DATABASE_URL"] = new UriBuilder(Database.Url) { Port = counter.Port }.Uri.AbsoluteUri, ["EDGE_CACHE_MB"] = "0", ["EDGE_PROBE_INTERVAL_SECONDS"] = "300" }, Cancelled);
        var (_, session) = await Database.NewUser("admin");
        foreach (var target in (string[])[Users, Orders])
        {
            var before = counter.Count;
            using var answer = await edge.Send(HttpMethod.Head, target, session);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.StartsWith("attachment; filename=", answer.Header("Content-Disposition"));
            Assert.True(answer.Headers.CacheControl is { Private: true, NoStore: true });
            // That one looked up the session.
            Assert.Equal(1, counter.Count - before);
        }
    }

    [Fact]
    public async Task Stalled_readers_hold_their_places_and_nothing_of_the_apis()
    {
        await using var database = await Large();
        var (_, session) = await database.NewUser("admin");
        await using var edge = await Way.Start(
            new() { ["DATABASE_URL"] = database.Url, ["EDGE_EXPORTS_AT_ONCE"] = "2", ["DB_MAX_CONNECTIONS"] = "1", ["DB_CONNECTION_TIMEOUT"] = "1", ["EDGE_CACHE_MB"] = "0" }, Cancelled);
        using (var first = await Stalled(edge, session))
        using (var second = await Stalled(edge, session))
        {
            Assert.Equal(2, await Exporting(database));
            using var refused = await edge.Get(Users, session);
            Assert.Equal("As many exports are running here as there may be.", (await refused.Problem(503)).Text("detail"));
            Assert.Equal("10", refused.Header("Retry-After"));
            using var head = await edge.Send(HttpMethod.Head, Users, session);
            Assert.Equal(200, (int)head.StatusCode);
            await edge.Json("/api/products/1");
        }
        // They left.
        await Poll.Until(async _ => await Exporting(database) == 0, "their queries are gone from Postgres", Cancelled);
        await Poll.Until(
            async _ =>
            {
                using var answer = await edge.Get(Users, session);
                return (int)answer.StatusCode == 200;
            },
            "their places are free", Cancelled);
    }

    [Fact]
    public async Task A_slow_reader_gets_it_all_in_the_end()
    {
        await using var database = await Large();
        var (_, session) = await database.NewUser("admin");
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url }, Cancelled);
        using var connection = await Stalled(edge, session);
        var rest = await connection.ReadToEnd(Cancelled);
        Assert.Contains($"{{\"complete\":true,\"rows\":{await database.Value<long>("select count(*) from orders")}}}\n{LastChunk}", rest);
        Assert.EndsWith(LastChunk, rest);
        Assert.False(connection.WasReset);
    }

    /// <summary>Version 1.0, which some proxies speak, has no chunks: there the reset is all that tells.</summary>
    [Theory]
    [InlineData("1.1")]
    [InlineData("1.0")]
    public async Task A_stream_that_breaks_is_reset_and_not_ended(string version)
    {
        await using var database = await Large();
        var (_, session) = await database.NewUser("admin");
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url }, Cancelled);
        using var connection = await Stalled(edge, session, version);
        await database.Execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'edge-exports'");
        var rest = await connection.ReadToEnd(Cancelled);
        Assert.True(connection.WasReset);
        Assert.DoesNotContain(LastChunk, rest);
        Assert.DoesNotContain("complete", rest);
        Assert.DoesNotContain("problem", rest);
        // The next one gets a new connection.
        using var answer = await edge.Get(Users, session);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_stream_that_breaks_counts_as_an_error()
    {
        await using var database = await Large();
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url, ["ADMIN_TOKEN"] = EdgeUnderTest.AdminToken }, Cancelled);
        await BreakOff(edge, database);
        await Poll.Until(async _ => await Errors() == 1, "it is counted as an error", Cancelled);

        async Task<long> Errors() => (await edge.Json("/performance/metrics", Admin)).GetProperty("routes").EnumerateArray()
            .Where(static route => route.Text("name") == $"GET {Orders}").Select(static route => route.GetProperty("minute").Whole("errors")).SingleOrDefault();
    }

    [Fact]
    public async Task What_the_end_of_an_instance_cuts_off_is_not_ended()
    {
        await using var database = await Large();
        var (_, session) = await database.NewUser("admin");
        var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url, ["EDGE_SHUTDOWN_TIMEOUT_SECONDS"] = "1" }, Cancelled);
        using var connection = await Stalled(edge, session);
        await edge.DisposeAsync();
        var rest = await connection.ReadToEnd(Cancelled);
        Assert.DoesNotContain(LastChunk, rest);
        Assert.DoesNotContain("complete", rest);
        await Poll.Until(async _ => await Exporting(database) == 0, "its query is gone from Postgres", Cancelled);
    }

    [Fact]
    public async Task What_fails_before_the_first_row_is_a_problem()
    {
        await using var database = await Database.Copy(Cancelled);
        var (_, session) = await database.NewUser("admin");
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = database.Url }, Cancelled);
        await database.Execute("alter table orders rename to gone");
        using var answer = await edge.Get(Orders, session);
        await answer.Problem(503);
        Assert.Null(answer.Header("Content-Disposition"));
    }

    static async Task<List<JsonElement>> Lines(HttpResponseMessage answer)
    {
        Assert.Equal(200, (int)answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.EndsWith("\n", text);
        return [.. text.Split('\n')[..^1].Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>Far more than what fits between Postgres and a client that does not read.</summary>
    private protected async Task<SeededDatabase> Large()
    {
        var database = await Database.Copy(Cancelled);
        await database.Execute(
            "insert into orders (user_id, total, shipping_address) select (select min(id) from users), 1, repeat('x', 500) from generate_series(1, @rows)", ("rows", LargeOrders));
        return database;
    }

    /// <summary>An export of orders whose connection to Postgres ends in the middle.</summary>
    private protected static async Task BreakOff(EdgeUnderTest edge, SeededDatabase database)
    {
        var (_, session) = await database.NewUser("admin");
        using var connection = await Stalled(edge, session);
        await database.Execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'edge-exports'");
        await connection.ReadToEnd(Cancelled);
    }

    /// <summary>A client that has begun to read an export of orders.</summary>
    static async Task<RawConnection> Stalled(EdgeUnderTest edge, (string Name, string Value) session, string version = "1.1")
    {
        var connection = await edge.Connect(Cancelled, ReceiveBytes);
        await connection.Send($"GET {Orders} HTTP/{version}\r\nHost: edge\r\nConnection: close\r\n{session.Name}: {session.Value}\r\n\r\n", Cancelled);
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadBeginning(Cancelled));
        return connection;
    }

    static Task<long> Exporting(SeededDatabase database) =>
        database.Value<long>("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'edge-exports' and state = 'active'");
}
