using System.Globalization;

namespace Edge.Data.Seeding;

/// <summary>How much data to make. The same options and the same <see cref="AsOf"/> make the same bytes.</summary>
public sealed record SeedOptions
{
    /// <summary>Default 100,000. Range 100–2,000,000.</summary>
    public int Users { get; init; } = 100_000;

    /// <summary>Default 20,000. Range 1–500,000.</summary>
    public int Products { get; init; } = 20_000;

    /// <summary>Default 60. Range 1–60: the first so many of the built-in ones.</summary>
    public int Categories { get; init; } = 60;

    /// <summary>Orders of the last 90 days, two to three lines each. Default 300,000. Range 0–20,000,000.</summary>
    public int Orders { get; init; } = 300_000;

    /// <summary>Blog posts. Default 5,000. Range 0–200,000.</summary>
    public int Posts { get; init; } = 5_000;

    /// <summary>Stories of the last 24 hours. Default 2,000. Range 0–200,000.</summary>
    public int Stories { get; init; } = 2_000;

    /// <summary>Default 10,000. Range 0–1,000,000.</summary>
    public int Opportunities { get; init; } = 10_000;

    /// <summary>Default 1. Another seed: other data of the same shape.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The end of the 90 days: nothing made is younger. Null (default): the start of the current day, UTC.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Every mistake, each with the option, what is wrong and what to write. Empty: none.</summary>
    public List<string> Mistakes()
    {
        var mistakes = new List<string>();
        Check("users", Users, 100, 2_000_000);
        Check("products", Products, 1, 500_000);
        Check("categories", Categories, 1, Vocabulary.Catalogue.Categories.Count);
        Check("orders", Orders, 0, 20_000_000);
        Check("posts", Posts, 0, 200_000);
        Check("stories", Stories, 0, 200_000);
        Check("opportunities", Opportunities, 0, 1_000_000);
        if (AsOf is { } asOf && asOf.Year is < 2001 or > 2200) mistakes.Add($"as-of is {asOf:yyyy-MM-dd}: write a day of the years 2001 to 2200");
        return mistakes;

        void Check(string option, int value, int low, int high)
        {
            if (value < low || value > high)
                mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}: write a number from {low} to {high}"));
        }
    }

    /// <summary>All but <see cref="AsOf"/>, as recorded in edge_seeds and typed on a command line.</summary>
    internal string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"--users {Users} --products {Products} --categories {Categories} --orders {Orders} --posts {Posts} ")
        + string.Create(CultureInfo.InvariantCulture, $"--stories {Stories} --opportunities {Opportunities} --seed {Seed}");
}
