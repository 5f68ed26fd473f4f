using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding;

/// <summary>
/// Order number n, computed on demand: the tables orders and order_items each walk through it, so neither keeps
/// anything in memory and both see the same lines. Holds the last order asked for; not thread-safe.
/// </summary>
internal sealed class OrderBook
{
    public const int MaxLines = 8;
    const double CancelledShare = 0.03;
    const int BuyerTries = 16;
    // Prime and larger than any number of users, so that rank × this (mod users) meets every user once.
    const long Scatter = 2_654_435_761;

    static readonly double[] WeekdayWeights = [1.25, 1.0, 0.92, 0.95, 1.0, 1.02, 1.18]; // from Sunday
    static readonly double[] HourWeights =
        [0.25, 0.15, 0.1, 0.08, 0.08, 0.12, 0.3, 0.6, 0.85, 1, 1.1, 1.15, 1.25, 1.1, 1, 1, 1.05, 1.15, 1.35, 1.6, 1.75, 1.6, 1.1, 0.6];
    static readonly WeightedSampler LineCounts = new([45, 26, 14, 7, 4, 2, 1, 1]);
    static readonly WeightedSampler Quantities = new([800, 130, 35, 15, 5, 6, 2, 2, 1, 2, 1, 1]);

    readonly SeedWorld world;
    readonly WeightedSampler hours;
    readonly RandomSource random = new(0);
    readonly RandomSource addressRandom = new(0);
    readonly OrderLine[] lines = new OrderLine[MaxLines];
    int lineCount;

    public OrderBook(SeedWorld world)
    {
        this.world = world;
        var start = world.AsOf.AddDays(-SeedWorld.OrderDays);
        var weights = new double[SeedWorld.OrderDays * 24];
        for (var i = 0; i < weights.Length; i++)
        {
            var hour = start.AddHours(i);
            var growth = 1 + 0.6 * i / weights.Length;
            weights[i] = growth * WeekdayWeights[(int)hour.DayOfWeek] * HourWeights[hour.Hour];
        }
        hours = new WeightedSampler(weights);
    }

    public long Id { get; private set; }

    public long UserId { get; private set; }

    public DateTime CreatedAt { get; private set; }

    public DateTime UpdatedAt { get; private set; }

    public string Status { get; private set; } = "";

    public bool Cancelled => Status == "cancelled";

    public ReadOnlySpan<OrderLine> Lines => lines.AsSpan(0, lineCount);

    public long TotalCents
    {
        get
        {
            var total = 0L;
            foreach (var line in Lines) total += line.UnitCents * line.Quantity;
            return total;
        }
    }

    /// <summary>Computes order <paramref name="index"/> (from 0). Orders ascend with time.</summary>
    public void Turn(long index)
    {
        world.Stream(random, SeedStream.Order, index);
        Id = index + 1;
        var (hour, within) = hours.Locate((index + random.NextDouble()) / world.Options.Orders);
        CreatedAt = world.Before(SeedWorld.OrderDays * 86_400.0 - (hour + within) * 3_600);
        UserId = Buyer();
        (Status, var settledSeconds) = StatusByAge((world.AsOf - CreatedAt).TotalHours);
        UpdatedAt = world.After(CreatedAt, settledSeconds, random);
        FillLines();
    }

    public string Address()
    {
        var city = world.HomeOf(UserId, addressRandom);
        world.Stream(addressRandom, SeedStream.Address, UserId);
        return $"{addressRandom.Between(1, 180)} {addressRandom.Pick(Places.Streets)}, {addressRandom.Between(10_000, 99_999)} {city.Name}";
    }

    // Rank r buys in proportion to 1/(r + c)^(2/3): about seventy orders for the keenest of a hundred thousand.
    long Buyer()
    {
        const double shift = 0.15, low = shift * shift * shift, high = (1 + shift) * (1 + shift) * (1 + shift);
        var existing = world.UsersAt(CreatedAt);
        for (var i = 0; i < BuyerTries; i++)
        {
            var u = random.NextDouble() + shift;
            var rank = (long)(world.Options.Users * (u * u * u - low) / (high - low));
            var user = rank * Scatter % world.Options.Users + 1;
            if (user <= existing) return user;
        }
        return random.Next(existing) + 1;
    }

    (string Status, double SettledSeconds) StatusByAge(double hours)
    {
        const double hour = 3_600, day = 86_400;
        if (random.Chance(CancelledShare)) return ("cancelled", 12 * hour);
        var u = random.NextDouble();
        return hours switch
        {
            < 6 => u < 0.7 ? ("pending", 0) : ("paid", hour),
            < 24 => u < 0.15 ? ("pending", 0) : u < 0.75 ? ("paid", 4 * hour) : ("shipped", 20 * hour),
            < 72 => u < 0.12 ? ("paid", 12 * hour) : u < 0.75 ? ("shipped", day) : ("delivered", 2 * day),
            < 168 => u < 0.2 ? ("shipped", 2 * day) : ("delivered", 4 * day),
            _ => u < 0.01 ? ("shipped", 3 * day) : ("delivered", 6 * day),
        };
    }

    void FillLines()
    {
        var wanted = LineCounts.Next(random) + 1;
        lineCount = 0;
        for (var i = 0; i < wanted; i++)
        {
            // Two things of one kind often go together: recommendations have something to find.
            int? category = i > 0 && random.Chance(0.4) ? world.Shelf.CategoryOf(lines[0].ProductId) : null;
            var product = world.Shelf.Choose(CreatedAt, category, random);
            var price = world.Shelf.CentsOf(product);
            // Prices have moved since: an older sale was a little cheaper now and then.
            var paid = random.Chance(0.25) ? Math.Max(1, price * random.Between(90, 100) / 100) : price;
            var quantity = Quantities.Next(random) + 1;
            if (!Holds(product)) lines[lineCount++] = new(product, quantity, paid);
        }
    }

    bool Holds(int product)
    {
        foreach (var line in Lines)
            if (line.ProductId == product) return true;
        return false;
    }
}

internal readonly record struct OrderLine(int ProductId, int Quantity, long UnitCents);
