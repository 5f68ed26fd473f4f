using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>
/// What the tables must agree on: who existed when, what cost how much, what sells. Holds a few numbers per
/// product; everything about users and orders is computed again wherever it is needed.
/// <para>
/// Instants are computed with + − × ÷ and the square root only, which IEEE 754 defines to the last bit: the same
/// seed gives the same microseconds on every machine.
/// </para>
/// </summary>
internal sealed class SeedWorld
{
    public const int OrderDays = 90;
    const int HistoryDays = 1_100;
    const double NewcomerShare = 0.04;

    readonly SeedOptions options;
    readonly WeightedSampler cities;

    public SeedWorld(SeedOptions options, DateTime asOf)
    {
        this.options = options;
        AsOf = asOf;
        var weights = new double[Places.Cities.Length];
        for (var i = 0; i < weights.Length; i++) weights[i] = Places.Cities[i].Weight;
        cities = new WeightedSampler(weights);
        Shelf = new ProductShelf(options, this);
    }

    public SeedOptions Options => options;

    public DateTime AsOf { get; }

    public ProductShelf Shelf { get; }

    /// <summary>A random stream for each row of each table.</summary>
    public RandomSource Stream(RandomSource random, SeedStream table, long row) =>
        random.Restart(((ulong)(uint)options.Seed << 8) | (byte)table, row);

    /// <summary>So many seconds before the end, in whole microseconds as Postgres keeps them.</summary>
    public DateTime Before(double seconds) => AsOf.AddTicks(-(long)(seconds * 1e6) * TimeSpan.TicksPerMicrosecond);

    /// <summary>Between <paramref name="instant"/> and the end, at most <paramref name="maxSeconds"/> later.</summary>
    public DateTime After(DateTime instant, double maxSeconds, RandomSource random)
    {
        var later = instant.AddTicks((long)(random.NextDouble() * maxSeconds * 1e6) * TimeSpan.TicksPerMicrosecond);
        return later < AsOf ? later : AsOf;
    }

    /// <summary>Ids ascend with time, and the number of users grows with its square.</summary>
    public DateTime UserCreatedAt(long userId, RandomSource random) =>
        Before(HistoryDays * 86_400.0 * (1 - Math.Sqrt((userId - 1 + random.NextDouble()) / options.Users)));

    /// <summary>How many users there surely were at that time.</summary>
    public int UsersAt(DateTime instant)
    {
        var part = 1 - (AsOf - instant).TotalDays / HistoryDays;
        return Math.Max(1, (int)(options.Users * part * part) - 1);
    }

    /// <summary>The newest few come from the days in which orders were placed; all others are older.</summary>
    public DateTime ProductCreatedAt(int productId, RandomSource random)
    {
        var part = (productId - 1 + random.NextDouble()) / options.Products;
        const double old = 1 - NewcomerShare;
        return part < old
            ? Before((OrderDays + (HistoryDays - OrderDays) * (1 - part / old)) * 86_400)
            : Before(OrderDays * (1 - part) / NewcomerShare * 86_400);
    }

    /// <summary>Where a user lives; the same in orders and locations.</summary>
    public City HomeOf(long userId, RandomSource random) => Places.Cities[cities.Next(Stream(random, SeedStream.Home, userId))];

    public City AnyCity(RandomSource random) => Places.Cities[cities.Next(random)];

    public static (double Latitude, double Longitude) Near(City city, RandomSource random)
    {
        const double kmPerDegree = 111.2;
        var latitude = city.Latitude + random.NextBell() * city.SpreadKm / kmPerDegree;
        var longitude = city.Longitude + random.NextBell() * city.SpreadKm / (kmPerDegree * Math.Cos(city.Latitude * Math.PI / 180));
        return (Math.Round(latitude, 6), Math.Round(longitude, 6));
    }
}

/// <summary>One per kind of row. The numbers are part of what a seed means: never reuse one.</summary>
internal enum SeedStream : byte
{
    User = 1, Home = 2, Location = 3, Product = 4, Shelf = 5, Season = 6, Order = 7, Address = 8, Post = 9, Story = 10, Opportunity = 11,
}
