using System.Buffers.Text;
using System.Globalization;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class PagingInProcess(TestBed bed) : PagingFacts(bed.InProcess);

public sealed class PagingNative(TestBed bed) : PagingFacts(bed.Native);

public abstract class PagingFacts : Facts
{
    private protected PagingFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Every_list_takes_1_to_50_rows_and_20_unless_told()
    {
        await All((await Edge.Description).Routes.Where(static route => route.IsPaged), async route =>
        {
            var limit = Assert.Single(route.Parameters, static parameter => parameter.Name == "limit");
            // A text that many products have, so that every page asked for is full.
            string Target(string? count) => route.Address(limit, count).Replace("q=lighting", "q=lamp+or+chair+or+wool", StringComparison.Ordinal);
            Assert.Equal(20, (await Edge.Page(Target(null))).Page.Items().Count);
            Assert.Single((await Edge.Page(Target("1"))).Page.Items());
            Assert.Equal(50, (await Edge.Page(Target("50"))).Page.Items().Count);
            Assert.Equal("must be a whole number from 1 to 50", await Edge.Refuses(Target("0"), "limit"));
            Assert.Equal("must be a whole number from 1 to 50", await Edge.Refuses(Target("51"), "limit"));
        });
    }

    [Fact]
    public async Task The_page_size_may_change_between_pages()
    {
        var expected = await Database.Column<long>("select id from products order by created_at desc, id desc limit 21");
        var seen = new List<long>();
        string? cursor = null;
        foreach (var limit in (int[])[1, 2, 3, 4, 5, 6])
        {
            var (page, _) = await Edge.Page(string.Create(CultureInfo.InvariantCulture, $"/api/products?limit={limit}") + (cursor is null ? "" : "&cursor=" + cursor));
            seen.AddRange(page.Items().Select(static product => product.Id()));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task The_link_repeats_filters_and_page_size_canonically()
    {
        var (_, next) = await Edge.Page("/api/products/search?limit=3&category=knitwear&q=wool");
        Assert.StartsWith("/api/products/search?q=wool&category=knitwear&limit=3&cursor=", next);
        var (_, fallback) = await Edge.Page("/api/products?limit=20");
        Assert.StartsWith("/api/products?cursor=", fallback);
    }

    [Fact]
    public async Task A_cursor_of_another_list_or_filter_is_refused()
    {
        var products = await Cursor("/api/products");
        var lamps = await Cursor("/api/products/search?q=lamp");
        var category = await Cursor("/api/products?category=knitwear&limit=2");
        var wool = await Cursor("/api/blogs?tag=wool&limit=2");
        await All(
            [
                ("/api/users?", products), ("/api/products/search?q=lamp&", products), ("/api/products?category=knitwear&", products), ("/api/blogs?", products),
                ("/api/products/search?q=chair&", lamps), ("/api/products/search?q=lamp&category=lighting&", lamps), ("/api/products?", lamps),
                ("/api/products?", category), ("/api/products?category=lighting&", category), ("/api/blogs?", wool), ("/api/blogs?tag=cats&", wool),
            ],
            ((string Target, string Cursor) one) => Edge.Refuses($"{one.Target}cursor={one.Cursor}", "cursor"));
    }

    [Fact]
    public async Task A_cursor_altered_anywhere_is_refused()
    {
        var cursor = await Cursor("/api/products");
        await All(Enumerable.Range(0, cursor.Length), async position =>
        {
            foreach (var other in (char[])['A', 'b', '7', '_', '-', '.', '=', '!'])
                if (cursor[position] != other)
                    await Edge.Refuses($"/api/products?cursor={cursor[..position]}{other}{cursor[(position + 1)..]}", "cursor");
        });
    }

    [Fact]
    public async Task A_cursor_that_is_cut_or_longer_is_refused()
    {
        var cursor = await Cursor("/api/products");
        var wrong = Enumerable.Range(0, cursor.Length).Select(length => cursor[..length])
            .Concat([cursor + "A", cursor + "=", cursor + "%20", "%20" + cursor, cursor + cursor, cursor.ToUpperInvariant(), new string('A', cursor.Length), "null", "0"]);
        await All(wrong, one => Edge.Refuses("/api/products?cursor=" + one, "cursor"));
    }

    [Fact]
    public async Task A_cursor_of_another_version_is_refused()
    {
        var bytes = Base64Url.DecodeFromChars(await Cursor("/api/products"));
        foreach (var version in (byte[])[0, 2, 255])
        {
            bytes[0] = version;
            await Edge.Refuses("/api/products?cursor=" + Base64Url.EncodeToString(bytes), "cursor");
        }
    }

    [Fact]
    public async Task Rows_inserted_meanwhile_neither_repeat_nor_hide_others()
    {
        await using var copy = await Database.Copy(Cancelled);
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = copy.Url }, Cancelled);
        var before = await copy.Column<long>("select id from products order by created_at desc, id desc");
        var seen = new List<long>();
        for (var target = "/api/products?limit=50"; target is not null;)
        {
            var (page, next) = await edge.Page(target);
            seen.AddRange(page.Items().Select(static product => product.Id()));
            target = next;
            // One newer than all, one as old as the last row seen with a higher id (it belongs before it), one among those to come.
            await copy.Execute("""
                insert into products (category_id, name, description, price, stock, created_at)
                select 1, 'Inserted meanwhile', 'between two pages', 1, 1, at
                from (values (now()), ((select created_at from products where id = @last)), ('2001-01-01T00:00:00Z'::timestamptz + random() * interval '1 day')) as rows (at)
                """, ("last", seen[^1]));
        }
        Assert.Equal(seen.Count, seen.Distinct().Count());
        // What was there at the start came whole and in its order; what came later is at the end, where the oldest go.
        Assert.Equal(before, seen.Where(before.ToHashSet().Contains));
        Assert.True(seen.Count > before.Count, "rows inserted ahead of the reader were not seen");
    }

    [Fact]
    public async Task Rows_of_one_instant_are_split_between_pages_without_loss()
    {
        await using var copy = await Database.Copy(Cancelled);
        await copy.Execute("update products set created_at = '2020-02-02T02:02:02.020202Z' where id <= 40");
        await copy.Execute("update blogs set created_at = '2020-02-02T00:00:00Z', published_at = '2020-02-03T00:00:00Z' where id <= 60");
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = copy.Url }, Cancelled);
        Assert.Equal(
            await copy.Column<long>("select id from products order by created_at desc, id desc"),
            (await edge.AllItems("/api/products?limit=17")).Select(static product => product.Id()));
        Assert.Equal(
            await copy.Column<long>("select id from blogs where status = 'published' order by created_at desc, id desc"),
            (await edge.AllItems("/api/blogs?limit=7")).Select(static post => post.Id()));
    }

    [Fact]
    public async Task A_cursor_goes_on_after_its_row_is_deleted()
    {
        await using var copy = await Database.Copy(Cancelled);
        await using var edge = await Way.Start(new() { ["DATABASE_URL"] = copy.Url }, Cancelled);
        var expected = await copy.Column<long>("select id from blogs where status = 'published' order by created_at desc, id desc limit 8");
        var (_, next) = await edge.Page("/api/blogs?limit=4");
        await copy.Execute("delete from blogs where id = @id", ("id", expected[3]));
        var (page, _) = await edge.Page(next!);
        Assert.Equal(expected[4..], page.Items().Select(static post => post.Id()));
    }

    [Fact]
    public async Task The_last_page_may_be_exactly_full()
    {
        var count = await Database.Value<long>("select count(*) from blogs where status = 'published' and 'wool' = any(tags)");
        var (page, next) = await Edge.Page($"/api/blogs?tag=wool&limit={count}");
        Assert.Equal(count, page.Items().Count);
        Assert.Null(next);
    }

    async Task<string> Cursor(string target) => (await Edge.Page(target)).Page.Text("nextCursor");
}
