using System.Text.RegularExpressions;
using Edge.Core.Basics;
using Edge.Data.Seeding;
using Edge.Data.Seeding.Tables;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Tests.Seeding;

public partial class SeedTextTests
{
    const int Texts = 20_000;

    public static TheoryData<string> EveryPattern()
    {
        var patterns = new TheoryData<string>();
        string[][] lists =
        [
            Prose.Titles, Prose.Openings, Prose.Bodies, Prose.Closings, Prose.Headings, Prose.ProductOpenings, Prose.ProductBodies,
            Prose.ProductClosings, Prose.Stories, People.Bios, Listing.Closings,
        ];
        foreach (var pattern in lists.SelectMany(static list => list)
            .Concat(Listing.All.SelectMany(static listing => listing.Titles.Concat(listing.Descriptions))).Distinct())
            patterns.Add(pattern);
        return patterns;
    }

    [Theory]
    [MemberData(nameof(EveryPattern))]
    public void Every_pattern_yields_clean_text_in_every_category(string pattern)
    {
        var random = new RandomSource(1);
        var composer = new TextComposer(random);
        for (var category = 0; category < Catalogue.Categories.Count; category++)
        {
            var text = composer.About(category).Say(pattern).Take(1_000);
            Assert.DoesNotContain('{', text);
            Assert.DoesNotContain('}', text);
            Assert.DoesNotContain('!', text);
            Assert.DoesNotContain("  ", text);
            Assert.Equal(text.Trim(), text);
            Assert.NotEmpty(text);
        }
    }

    [Fact]
    public void An_unknown_slot_is_a_programming_error() =>
        Assert.Throws<ArgumentException>(() => new TextComposer(new RandomSource(1)).About(0).Say("a {nuon}"));

    [Theory]
    [InlineData("autumn", "an autumn")]
    [InlineData("spring", "a spring")]
    public void The_article_follows_the_word_after_it(string season, string expected)
    {
        var texts = new HashSet<string>();
        for (ulong seed = 0; seed < 100; seed++) texts.Add(new TextComposer(new RandomSource(seed)).About(0).Say("{a} {season}").Take(100));
        Assert.Contains(expected, texts);
        Assert.DoesNotContain($"a{(expected.StartsWith("an ", StringComparison.Ordinal) ? "" : "n")} {season}", texts);
    }

    [Theory]
    [InlineData("lamp", "lamps")]
    [InlineData("torch", "torches")]
    [InlineData("paring knife", "paring knives")]
    [InlineData("bookshelf", "bookshelves")]
    [InlineData("scarf", "scarves")]
    [InlineData("diary", "diaries")]
    [InlineData("tray", "trays")]
    [InlineData("letter box", "letter boxes")]
    [InlineData("wheelbarrow", "wheelbarrows")]
    public void Plurals_are_spelled_right(string noun, string plural) => Assert.Equal(plural, TextComposer.Plural(noun));

    [Fact]
    public void Product_texts_fit_their_columns()
    {
        var random = new RandomSource(2);
        var composer = new TextComposer(random);
        for (var i = 0; i < Texts; i++)
        {
            random.Restart(2, i);
            var name = ProductText.Name(composer.About(i % Catalogue.Categories.Count), random);
            Assert.InRange(name.Length, 3, ProductText.MaxNameLength);
            Assert.False(char.IsAsciiLetterLower(name[0]), name);
            Assert.DoesNotMatch(RepeatedWord(), name);
            Assert.InRange(ProductText.Description(composer.Restart(), random).Length, 40, ProductText.MaxDescriptionLength);
        }
    }

    [Fact]
    public void Posts_fit_their_columns_and_are_of_a_readable_length()
    {
        var random = new RandomSource(3);
        var text = new PostText(random);
        for (var i = 0; i < 2_000; i++)
        {
            random.Restart(3, i);
            var title = text.Title(i % Catalogue.Categories.Count);
            Assert.InRange(title.Length, 5, PostText.MaxTitleLength);
            var content = text.Content();
            Assert.InRange(content.Length, 900, 7_000);
            Assert.True(content.Split("\n\n").Length >= 4, content);
            var slug = PostText.Slug(title, 200_000);
            Assert.Matches(ValidSlug(), slug);
            Assert.InRange(slug.Length, 8, PostText.MaxSlugLength);
        }
    }

    [Fact]
    public void A_text_depends_on_its_own_random_stream_only()
    {
        var random = new RandomSource(0);
        var text = new PostText(random);
        var alone = Post(text, random, 5);
        for (var i = 0; i < 5; i++) Post(text, random, i);
        Assert.Equal(alone, Post(text, random, 5));

        static string Post(PostText text, RandomSource random, int index)
        {
            random.Restart(9, index);
            return text.Title(index) + text.Content();
        }
    }

    [Theory]
    [InlineData("Chef's knife: five years", 120, "chefs-knife-five-years")]
    [InlineData("  A sauté pan?! ", 120, "a-saute-pan")]
    [InlineData("one two three", 7, "one-two")]
    [InlineData("one two three", 6, "one")]
    [InlineData("incomprehensibilities", 5, "incom")]
    public void Slugs_hold_words_of_ascii_letters_and_are_cut_between_them(string title, int max, string expected) =>
        Assert.Equal(expected, TextComposer.Slug(title, max));

    [Fact]
    public void Slugs_of_anything_with_a_letter_are_valid()
    {
        var random = new RandomSource(8);
        for (var i = 0; i < Texts; i++)
        {
            var title = string.Create(random.Between(1, 60), random, static (span, random) =>
            {
                foreach (ref var c in span) c = (char)random.Between(32, 600);
                span[0] = 'x';
            });
            var slug = TextComposer.Slug(title, 20);
            Assert.Matches(ValidSlug(), slug);
            Assert.InRange(slug.Length, 1, 20);
        }
    }

    [Fact]
    public void Usernames_are_valid_and_never_repeat()
    {
        var seen = new HashSet<string>();
        for (var unit = 0; unit < 300_000; unit++)
        {
            var (username, displayName) = UsersTable.NameOf(unit);
            Assert.True(seen.Add(username), $"{username} comes twice");
            if (unit % 50 == 0) Assert.Matches(ValidUsername(), username);
            Assert.InRange(displayName.Length, 3, 80);
        }
        Assert.Matches(ValidUsername(), UsersTable.NameOf(1_999_999).Username);
    }

    [Fact]
    public void Categories_have_unique_valid_slugs_and_prices_that_fit()
    {
        Assert.Equal(60, Catalogue.Categories.Count);
        Assert.Equal(60, Catalogue.Categories.Select(static c => c.Category.Slug).Distinct().Count());
        Assert.All(Catalogue.Categories, static c =>
        {
            Assert.Matches(ValidSlug(), c.Category.Slug);
            Assert.InRange(c.Category.Slug.Length, 2, 60);
            Assert.InRange(c.Category.Name.Length, 2, 80);
            Assert.InRange(c.Category.LowPrice, 1, c.Category.HighPrice);
        });
    }

    [Fact]
    public void Tags_are_two_to_five_different_ones()
    {
        var random = new RandomSource(4);
        foreach (var (category, department) in Catalogue.Categories)
            for (var i = 0; i < 50; i++)
            {
                var tags = Tagging.Choose(category.Slug, department.Tags, random);
                Assert.InRange(tags.Length, 2, 5);
                Assert.Equal(tags.Length, tags.Distinct().Count());
                Assert.Equal(category.Slug, tags[0]);
            }
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ValidSlug();

    [GeneratedRegex("^[a-z0-9_]{3,30}$")]
    private static partial Regex ValidUsername();

    [GeneratedRegex(@"(^| )(\S+) \2($|[ ,])")]
    private static partial Regex RepeatedWord();
}
