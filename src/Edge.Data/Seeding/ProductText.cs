using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>Names and descriptions of products. The composer is told the category by the caller.</summary>
internal static class ProductText
{
    public const int MaxNameLength = 200;
    public const int MaxDescriptionLength = 5_000;

    static readonly string[] QualifiedNames =
        ["{Maker} {qualifier} {noun}", "{adjective} {qualifier} {noun}", "{Maker} {adjective} {noun}", "{qualifier} {noun}"];
    static readonly string[] PlainNames = ["{Maker} {noun}", "{adjective} {noun}", "{Maker} {adjective} {noun}"];

    public static string Name(TextComposer composer, RandomSource random)
    {
        composer.Say(random.Pick(composer.NounIsPlain ? QualifiedNames : PlainNames));
        var name = TextComposer.TitleCase(WithoutRepeatedWord(composer.Take(MaxNameLength - 20)));
        return random.Chance(0.3) ? $"{name}, {random.Pick(Places.Colours)}" : name;
    }

    public static string Description(TextComposer composer, RandomSource random)
    {
        composer.Sentence(random.Pick(Prose.ProductOpenings));
        var deck = new SentenceDeck(Prose.ProductBodies, random);
        var sentences = random.Between(2, 4);
        for (var i = 0; i < sentences; i++)
            if (deck.Next() is { } pattern) composer.Sentence(pattern);
        return composer.Sentence(random.Pick(Prose.ProductClosings)).Take(MaxDescriptionLength);
    }

    // "weatherproof weatherproof birdhouse", "wool wool throw": the parts are drawn from different lists.
    static string WithoutRepeatedWord(string name)
    {
        var words = name.Split(' ');
        var kept = words[0];
        for (var i = 1; i < words.Length; i++)
            if (words[i] != words[i - 1]) kept += " " + words[i];
        return kept;
    }
}
