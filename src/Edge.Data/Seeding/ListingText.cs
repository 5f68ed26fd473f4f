using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>Titles and descriptions of opportunities. The composer is told category and place by the caller.</summary>
internal static class ListingText
{
    public const int MaxTitleLength = 200;
    public const int MaxDescriptionLength = 10_000;

    public static string Title(Listing listing, TextComposer composer, RandomSource random) =>
        composer.Say(random.Pick(listing.Titles)).Take(MaxTitleLength);

    public static string Description(Listing listing, TextComposer composer, RandomSource random)
    {
        var deck = new SentenceDeck(listing.Descriptions, random);
        var sentences = random.Between(3, listing.Descriptions.Length);
        for (var i = 0; i < sentences; i++)
            if (deck.Next() is { } pattern) composer.Sentence(pattern);
        return composer.Break("\n\n").Sentence(random.Pick(Listing.Closings)).Take(MaxDescriptionLength);
    }
}

/// <summary>Two to five different tags.</summary>
internal static class Tagging
{
    /// <summary><paramref name="first"/>, where given, and some of the others.</summary>
    public static string[] Choose(string? first, string[] others, RandomSource random)
    {
        var deck = new SentenceDeck(others, random);
        List<string> tags = first is null ? [] : [first];
        var wanted = random.Between(2, 5);
        while (tags.Count < wanted && deck.Next() is { } tag)
            if (!tags.Contains(tag)) tags.Add(tag);
        return [.. tags];
    }
}
