using System.Globalization;
using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>Title and content of a post, both about the same things. No sentence pattern comes twice in a post.</summary>
internal sealed class PostText(RandomSource random)
{
    public const int MaxTitleLength = 200;
    public const int MaxSlugLength = 120;
    public const int MaxContentLength = 200_000;
    const double FactShare = 0.55;
    const double HeadingShare = 0.3;

    readonly TextComposer composer = new(random);
    readonly SentenceDeck bodies = new(Prose.Bodies, random);
    readonly SentenceDeck headings = new(Prose.Headings, random);
    SentenceDeck? facts;

    public string Title(int category)
    {
        facts = new SentenceDeck(Catalogue.Categories[category].Department.Facts, random);
        composer.About(category).Say(random.Pick(Prose.Titles));
        return composer.Take(MaxTitleLength);
    }

    /// <summary>The id makes it unique, whatever titles the patterns yield.</summary>
    public static string Slug(string title, long id)
    {
        var suffix = "-" + id.ToString(CultureInfo.InvariantCulture);
        return TextComposer.Slug(title, MaxSlugLength - suffix.Length) + suffix;
    }

    /// <summary>Of the post whose title was asked for last.</summary>
    public string Content()
    {
        composer.Restart().Sentence(random.Pick(Prose.Openings));
        bodies.Shuffle();
        headings.Shuffle();
        var paragraphs = random.Between(4, 10);
        for (var p = 0; p < paragraphs; p++)
        {
            if (p > 0) composer.Break("\n\n");
            if (p > 0 && random.Chance(HeadingShare) && headings.Next() is { } heading) composer.Say($"## {heading}\n\n");
            if (random.Chance(FactShare) && facts?.Next() is { } fact) composer.Sentence(fact);
            var sentences = random.Between(4, 7);
            for (var s = 0; s < sentences; s++)
                if (bodies.Next() is { } body) composer.Sentence(body);
        }
        return composer.Break("\n\n").Sentence(random.Pick(Prose.Closings)).Take(MaxContentLength);
    }
}

/// <summary>Patterns in random order, each dealt once.</summary>
internal sealed class SentenceDeck(string[] patterns, RandomSource random)
{
    readonly string[] deck = [.. patterns];
    int dealt;

    public void Shuffle()
    {
        // From the original order, so that a row's text does not depend on the rows before it.
        patterns.CopyTo(deck, 0);
        dealt = 0;
    }

    /// <summary>Null when all have been dealt.</summary>
    public string? Next()
    {
        if (dealt == deck.Length) return null;
        var i = dealt + random.Next(deck.Length - dealt);
        (deck[dealt], deck[i]) = (deck[i], deck[dealt]);
        return deck[dealt++];
    }
}
