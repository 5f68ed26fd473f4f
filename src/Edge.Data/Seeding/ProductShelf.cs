using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>Which product stands where, costs what, came when, and how well it sells: a few hot categories, a few hot products in each.</summary>
internal sealed class ProductShelf
{
    const int Weeks = SeedWorld.OrderDays / 7 + 1;
    const double ZipfExponent = 0.95;
    const int Tries = 8;

    readonly int[] category;
    readonly long[] cents;
    readonly DateTime[] createdAt;
    readonly int[][] byPopularity;
    readonly int[] oldest;
    readonly WeightedSampler[] withinCategory;
    readonly WeightedSampler[] categoriesByWeek = new WeightedSampler[Weeks];
    readonly DateTime asOf;

    public ProductShelf(SeedOptions options, SeedWorld world)
    {
        asOf = world.AsOf;
        category = new int[options.Products];
        cents = new long[options.Products];
        createdAt = new DateTime[options.Products];
        oldest = new int[options.Categories];
        var random = new RandomSource(0);
        var members = new List<int>[options.Categories];
        for (var c = 0; c < members.Length; c++) members[c] = [];
        for (var p = 0; p < options.Products; p++)
        {
            world.Stream(random, SeedStream.Shelf, p);
            category[p] = p < options.Categories ? p : random.Next(options.Categories);
            cents[p] = Price(Catalogue.Categories[category[p]].Category, random);
            createdAt[p] = world.ProductCreatedAt(p + 1, random);
            members[category[p]].Add(p + 1);
        }
        byPopularity = new int[members.Length][];
        withinCategory = new WeightedSampler[members.Length];
        for (var c = 0; c < members.Length; c++)
        {
            byPopularity[c] = [.. members[c]];
            if (members[c].Count == 0) continue;
            oldest[c] = byPopularity[c][0];
            Shuffle(byPopularity[c], world.Stream(random, SeedStream.Season, c));
            withinCategory[c] = WeightedSampler.Zipf(byPopularity[c].Length, ZipfExponent);
        }
        Seasons(world, random);
    }

    public int CategoryOf(int productId) => category[productId - 1];

    public long CentsOf(int productId) => cents[productId - 1];

    public DateTime CreatedAt(int productId) => createdAt[productId - 1];

    /// <summary>What a buyer of that time takes, from any category or from the one given.</summary>
    public int Choose(DateTime at, int? fromCategory, RandomSource random)
    {
        var week = Math.Min((int)((asOf - at).TotalDays / 7), Weeks - 1);
        var chosen = fromCategory ?? categoriesByWeek[week].Next(random);
        for (var i = 0; i < Tries; i++)
        {
            var product = byPopularity[chosen][withinCategory[chosen].Next(random)];
            if (CreatedAt(product) <= at) return product;
        }
        return oldest[chosen];
    }

    // A category's base weight falls with its rank; each week shakes it, so that some rise and some fall.
    void Seasons(SeedWorld world, RandomSource random)
    {
        var ranks = new int[byPopularity.Length];
        for (var c = 0; c < ranks.Length; c++) ranks[c] = c;
        Shuffle(ranks, world.Stream(random, SeedStream.Season, -1));
        var weights = new double[ranks.Length];
        for (var week = 0; week < Weeks; week++)
        {
            world.Stream(random, SeedStream.Season, 1_000 + week);
            for (var c = 0; c < weights.Length; c++)
                weights[c] = withinCategory[c] is null ? 0 : (0.55 + 1.1 * random.NextDouble()) / (ranks[c] + 3);
            categoriesByWeek[week] = new WeightedSampler(weights);
        }
    }

    static long Price(Category category, RandomSource random)
    {
        var u = random.NextDouble();
        var whole = category.LowPrice + (long)((category.HighPrice - category.LowPrice) * u * u * u);
        ReadOnlySpan<byte> endings = [0, 0, 50, 90, 90, 95, 99];
        return whole * 100 + endings[random.Next(endings.Length)];
    }

    static void Shuffle(int[] values, RandomSource random)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
