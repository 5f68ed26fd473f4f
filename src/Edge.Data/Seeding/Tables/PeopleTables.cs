using System.Globalization;
using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding.Tables;

internal sealed class UsersTable : SeedTable
{
    const int Admins = 3;
    const int AuthorEvery = 50;
    const int MaxBioLength = 500;

    static readonly string[] Domains = ["example.com", "example.org", "example.net"];

    readonly SeedWorld world;
    readonly RandomSource random = new(0);
    readonly TextComposer composer;

    public UsersTable(SeedWorld world)
        : base("users", "id, email, username, display_name, bio, role, password_hash, created_at, updated_at", world.Options.Users)
    {
        this.world = world;
        composer = new TextComposer(random);
    }

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        var id = unit + 1;
        world.Stream(random, SeedStream.User, id);
        var createdAt = world.UserCreatedAt(id, random);
        var (username, displayName) = NameOf(unit);
        await copy.Row();
        await copy.Long(id);
        await copy.Text($"{username}@{random.Pick(Domains)}");
        await copy.Text(username);
        await copy.Text(displayName);
        await copy.Text(random.Chance(0.45) ? Bio() : "");
        await copy.Text(id <= Admins ? "admin" : IsAuthor(id) ? "author" : "user");
        await copy.Null();
        await copy.Instant(createdAt);
        await copy.Instant(random.Chance(0.4) ? world.After(createdAt, 400 * 86_400.0, random) : createdAt);
    }

    public static bool IsAuthor(long userId) => userId > Admins && userId % AuthorEvery == 0;

    /// <summary>When the first author joined. (There is one: a world has at least a hundred users.)</summary>
    public static DateTime FirstAuthorAt(SeedWorld world, RandomSource random) =>
        world.UserCreatedAt(AuthorEvery, world.Stream(random, SeedStream.User, AuthorEvery));

    /// <summary>A random author of those who were there by then: the earlier they joined, the more they write. Not for a time before the first.</summary>
    public static long AnyAuthor(SeedWorld world, DateTime instant, RandomSource random)
    {
        var u = random.NextDouble();
        return ((long)(Math.Max(1, world.UsersAt(instant) / AuthorEvery) * u * u) + 1) * AuthorEvery;
    }

    /// <summary>
    /// Unique by construction. A user is a pair of names and a round; each pair is met once per round, rounds alternate
    /// the order of the names, and each has a number of its own. No name holds a digit or an underscore.
    /// </summary>
    internal static (string Username, string DisplayName) NameOf(long unit)
    {
        // Prime, so it walks through all pairs before it repeats one.
        const long stride = 7_919;
        var pairs = (long)People.FirstNames.Length * People.LastNames.Length;
        var pair = unit % pairs * stride % pairs;
        var round = unit / pairs;
        var first = People.FirstNames[pair % People.FirstNames.Length];
        var last = People.LastNames[pair / People.FirstNames.Length];
        var number = round < 2 ? "" : (round * 13 + 58).ToString(CultureInfo.InvariantCulture);
        var username = round % 2 == 0 ? $"{first}_{last}{number}" : $"{last}_{first}{number}";
        return (username, $"{TextComposer.TitleCase(first)} {TextComposer.TitleCase(last)}");
    }

    string Bio() => composer.About(random.Next(world.Options.Categories)).Say(random.Pick(People.Bios)).Take(MaxBioLength);
}

internal sealed class UserLocationsTable(SeedWorld world) : SeedTable(
    "user_locations", "id, user_id, latitude, longitude, accuracy, is_current, recorded_at", world.Options.Users)
{
    const double Located = 0.6;
    const double Moved = 0.25;

    readonly RandomSource random = new(0);
    readonly RandomSource userRandom = new(0);

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        var userId = unit + 1;
        world.Stream(random, SeedStream.Location, userId);
        if (!random.Chance(Located)) return;
        var home = world.HomeOf(userId, userRandom);
        var joined = world.UserCreatedAt(userId, world.Stream(userRandom, SeedStream.User, userId));
        var past = random.Chance(Moved) ? random.Between(1, 3) : 0;
        for (var i = past; i >= 0; i--)
        {
            // The present place is at most 30 days old, each past one some three months older than the next.
            var recorded = world.Before((i * 90 + random.NextDouble() * 30) * 86_400);
            await Place(copy, userId, i > 0 && random.Chance(0.3) ? world.AnyCity(random) : home, i == 0, recorded > joined ? recorded : joined);
        }
    }

    async ValueTask Place(CopyWriter copy, long userId, City city, bool current, DateTime recorded)
    {
        var (latitude, longitude) = SeedWorld.Near(city, random);
        await copy.Row();
        await copy.Long(copy.Rows);
        await copy.Long(userId);
        await copy.Double(latitude);
        await copy.Double(longitude);
        if (random.Chance(0.2)) await copy.Null();
        else await copy.Double(random.Between(3, 120));
        await copy.Flag(current);
        await copy.Instant(recorded);
    }
}
