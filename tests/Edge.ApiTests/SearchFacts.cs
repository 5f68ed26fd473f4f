using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class SearchInProcess(TestBed bed) : SearchFacts(bed.InProcess);

public sealed class SearchNative(TestBed bed) : SearchFacts(bed.Native);

public abstract class SearchFacts : Facts
{
    /// <summary>No product's text has this word; the names of some lamps and laptops are spelled like it.</summary>
    const string Misspelled = "lapm";

    private protected SearchFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task A_match_has_the_members_of_a_product_and_no_rank()
    {
        var found = (await Edge.Json("/api/products/search?q=lamp")).Items();
        Assert.Equal(["id", "name", "description", "price", "stock", "category", "createdAt", "updatedAt"], found[0].Members());
    }

    [Theory]
    [InlineData("lamp", 1)]
    [InlineData("lamp", 7)]
    [InlineData("lamp", 50)]
    [InlineData("wool -blanket", 7)]
    [InlineData("chair or lamp", 7)]
    [InlineData("\"floor lamp\"", 2)]
    [InlineData("LAMPS", 7)]
    public async Task All_matches_come_best_first_without_gap_or_repeat(string text, int limit)
    {
        var expected = await Database.Column<long>(
            """
            select p.id from products p, websearch_to_tsquery('english', @text) as query
            where p.search @@ query order by ts_rank(p.search, query) desc, p.id desc
            """,
            ("text", text));
        Assert.True(expected.Count > limit || limit == 50, $"{text} finds {expected.Count}, too few for two pages");
        var found = await Edge.AllItems($"/api/products/search?q={Uri.EscapeDataString(text)}&limit={limit}");
        Assert.Equal(expected, found.Select(static product => product.Id()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public async Task All_that_is_spelled_like_the_text_comes_where_nothing_matches(int limit)
    {
        Assert.Equal(0, await Database.Value<long>("select count(*) from products where search @@ websearch_to_tsquery('english', @text)", ("text", Misspelled)));
        var expected = await Database.Column<long>(
            "select id from products where @text <% name order by word_similarity(@text, name) desc, id desc", ("text", Misspelled));
        Assert.True(expected.Count > 2, $"the seed has only {expected.Count} names like {Misspelled}");
        var found = await Edge.AllItems($"/api/products/search?q={Misspelled}&limit={limit}");
        Assert.Equal(expected, found.Select(static product => product.Id()));
    }

    [Fact]
    public async Task Words_are_found_in_any_of_their_forms()
    {
        var singular = await Edge.AllItems("/api/products/search?q=chair&limit=50");
        var plural = await Edge.AllItems("/api/products/search?q=chairs&limit=50");
        Assert.NotEmpty(singular);
        Assert.Equal(singular.Select(static product => product.Id()), plural.Select(static product => product.Id()));
    }

    [Fact]
    public async Task A_word_after_a_minus_is_kept_out()
    {
        var all = (await Edge.AllItems("/api/products/search?q=lamp&limit=50")).Select(static product => product.Id()).ToHashSet();
        var without = (await Edge.AllItems("/api/products/search?q=lamp+-desk&limit=50")).Select(static product => product.Id()).ToHashSet();
        var with = (await Edge.AllItems("/api/products/search?q=lamp+desk&limit=50")).Select(static product => product.Id()).ToHashSet();
        Assert.NotEmpty(without);
        Assert.NotEmpty(with);
        Assert.Empty(with.Intersect(without));
        Assert.Equal(all.Order(), with.Union(without).Order());
    }

    /// <summary>All that does not say "zzz" is all that there is; and who wants no lamps is not shown what is spelled like them.</summary>
    [Theory]
    [InlineData("-zzz")]
    [InlineData("-lamp")]
    [InlineData("-lamp -chair")]
    [InlineData("chair or -lamp")]
    public async Task A_search_for_what_is_not_there_is_not_the_whole_catalogue(string text)
    {
        var (page, next) = await Edge.Page("/api/products/search?q=" + Uri.EscapeDataString(text));
        Assert.Empty(page.Items());
        Assert.Null(next);
    }

    [Fact]
    public async Task Or_finds_either()
    {
        var lamps = (await Edge.AllItems("/api/products/search?q=lamp&limit=50")).Select(static product => product.Id());
        var chairs = (await Edge.AllItems("/api/products/search?q=chair&limit=50")).Select(static product => product.Id());
        var either = (await Edge.AllItems("/api/products/search?q=lamp+or+chair&limit=50")).Select(static product => product.Id());
        Assert.Equal(lamps.Union(chairs).Order(), either.Order());
    }

    [Fact]
    public async Task Quotes_ask_for_the_words_side_by_side()
    {
        var found = await Edge.AllItems("/api/products/search?q=%22desk+lamp%22&limit=50");
        Assert.NotEmpty(found);
        Assert.All(found, static product => Assert.Matches("(?i)desk[ -]lamp", product.Text("name") + " " + product.Text("description")));
    }

    [Fact]
    public async Task A_category_narrows_the_search()
    {
        var expected = await Database.Column<long>(
            """
            select p.id from products p join categories c on c.id = p.category_id, websearch_to_tsquery('english', 'wool') as query
            where p.search @@ query and c.slug = 'knitwear' order by ts_rank(p.search, query) desc, p.id desc
            """);
        var found = await Edge.AllItems("/api/products/search?q=wool&category=knitwear&limit=2");
        Assert.Equal(expected, found.Select(static product => product.Id()));
        Assert.NotEmpty(found);
        Assert.All(found, static product => Assert.Equal("knitwear", product.Text("category")));
    }

    [Fact]
    public async Task A_category_narrows_what_is_spelled_like_the_text()
    {
        var everywhere = await Edge.AllItems($"/api/products/search?q={Misspelled}");
        var category = everywhere[0].Text("category");
        var inCategory = await Edge.AllItems($"/api/products/search?q={Misspelled}&category={category}&limit=1");
        Assert.Equal(
            everywhere.Where(product => product.Text("category") == category).Select(static product => product.Id()),
            inCategory.Select(static product => product.Id()));
    }

    [Fact]
    public async Task Nothing_like_it_is_an_empty_page()
    {
        var (page, next) = await Edge.Page("/api/products/search?q=xqzvwkj");
        Assert.Empty(page.Items());
        Assert.Null(next);
    }

    [Fact]
    public Task Text_that_would_be_syntax_elsewhere_is_only_text() => All(
        [
            "'", "''", "\"", "\"\"", "\\", "%", "_", "-", "--", "or", "or or", "-or", "&", "|", "!", "(", "((((", "a & | b", ":*", "a:*", "<->", "'; drop table products; --",
            "/* */", "$1", "@text", "{}", "\u202E\u200F", "\uFFFD", "é", "日本語", "🪑", "a\u0301", "٣", "the", "the or", new string('x', 100), new string('"', 100),
            string.Concat(Enumerable.Repeat("a ", 50)), string.Concat(Enumerable.Repeat("-a", 50)),
        ],
        text => Edge.Page("/api/products/search?q=" + Uri.EscapeDataString(text)));

    [Fact]
    public async Task Space_around_the_text_changes_nothing()
    {
        var (plain, _) = await Edge.Page("/api/products/search?q=lamp");
        var (padded, next) = await Edge.Page("/api/products/search?q=++lamp%20");
        Assert.Equal(plain.ToString(), padded.ToString());
        Assert.StartsWith("/api/products/search?q=lamp&cursor=", next);
    }
}
