namespace Edge.Data.Seeding.Vocabulary;

/// <summary>A shelf of the shop, with the words that its products are named and described by. Lists are written with '|'.</summary>
internal sealed class Category(string slug, string name, int lowPrice, int highPrice, string qualifiers, string nouns, string uses)
{
    public string Slug => slug;

    public string Name => name;

    /// <summary>Whole currency units; products lie between, most of them in the lower half.</summary>
    public int LowPrice => lowPrice;

    public int HighPrice => highPrice;

    /// <summary>Material or kind, put before the noun.</summary>
    public string[] Qualifiers { get; } = qualifiers.Split('|');

    /// <summary>Singular and countable. One that begins with '!' takes no qualifier: it says its kind itself.</summary>
    public string[] Nouns { get; } = nouns.Split('|');

    /// <summary>What goes after "for".</summary>
    public string[] Uses { get; } = uses.Split('|');
}

/// <summary>Six related categories and how people talk about them.</summary>
internal sealed class Department
{
    public required Category[] Categories { get; init; }

    /// <summary>Praise or character, before the qualifier in a product's name.</summary>
    public required string[] Adjectives { get; init; }

    /// <summary>Follow "it": "it …".</summary>
    public required string[] Benefits { get; init; }

    /// <summary>Noun phrases that follow "about" or "against".</summary>
    public required string[] Problems { get; init; }

    /// <summary>Imperatives without a full stop.</summary>
    public required string[] Tricks { get; init; }

    /// <summary>Noun phrases that a post can be about.</summary>
    public required string[] Topics { get; init; }

    /// <summary>Whole sentences that hold for the department.</summary>
    public required string[] Facts { get; init; }

    public required string[] Tags { get; init; }
}
