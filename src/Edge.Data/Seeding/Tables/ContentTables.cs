using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding.Tables;

internal sealed class BlogsTable : SeedTable
{
    const double MostSeconds = 2.5 * 365 * 86_400;
    const double Draft = 0.1;
    const double Archived = 0.05;

    readonly SeedWorld world;
    readonly RandomSource random = new(0);
    readonly PostText text;
    readonly double seconds;

    public BlogsTable(SeedWorld world)
        : base("blogs", "id, author_id, slug, title, content, tags, status, created_at, updated_at, published_at", world.Options.Posts)
    {
        this.world = world;
        text = new PostText(random);
        // The fewer users, the later the first author: of a hundred users only 322 days before the end.
        seconds = Math.Min(MostSeconds, (world.AsOf - UsersTable.FirstAuthorAt(world, random)).TotalSeconds);
    }

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        var id = unit + 1;
        world.Stream(random, SeedStream.Post, id);
        var category = random.Next(world.Options.Categories);
        var about = Catalogue.Categories[category];
        var title = text.Title(category);
        var u = random.NextDouble();
        var status = u < Draft ? "draft" : u < Draft + Archived ? "archived" : "published";
        var createdAt = world.Before(seconds * (1 - Math.Sqrt((unit + random.NextDouble()) / world.Options.Posts)));
        var publishedAt = world.After(createdAt, 3 * 86_400, random);
        await copy.Row();
        await copy.Long(id);
        await copy.Long(UsersTable.AnyAuthor(world, createdAt, random));
        await copy.Text(PostText.Slug(title, id));
        await copy.Text(title);
        await copy.Text(text.Content());
        await copy.Texts(Tagging.Choose(about.Category.Slug, about.Department.Tags, random));
        await copy.Text(status);
        await copy.Instant(createdAt);
        await copy.Instant(world.After(publishedAt, 60 * 86_400.0, random));
        if (status == "draft") await copy.Null();
        else await copy.Instant(publishedAt);
    }
}

internal sealed class StoriesTable : SeedTable
{
    public const int MaxLength = 1_000;
    const int LifetimeSeconds = 86_400;

    readonly SeedWorld world;
    readonly RandomSource random = new(0);
    readonly TextComposer composer;

    public StoriesTable(SeedWorld world) : base("stories", "id, author_id, content, created_at, expires_at", world.Options.Stories)
    {
        this.world = world;
        composer = new TextComposer(random);
    }

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        world.Stream(random, SeedStream.Story, unit);
        var createdAt = world.Before(LifetimeSeconds * (1 - (unit + random.NextDouble()) / world.Options.Stories));
        composer.About(random.Next(world.Options.Categories)).Sentence(random.Pick(Prose.Stories));
        if (random.Chance(0.3)) composer.Sentence(random.Pick(Prose.Stories));
        await copy.Row();
        await copy.Long(unit + 1);
        await copy.Long(random.Next(world.UsersAt(createdAt)) + 1);
        await copy.Text(composer.Take(MaxLength));
        await copy.Instant(createdAt);
        await copy.Instant(createdAt.AddSeconds(LifetimeSeconds));
    }
}

internal sealed class OpportunitiesTable : SeedTable
{
    const int Days = 75;

    static readonly WeightedSampler Kinds = new(Array.ConvertAll(Listing.All, static listing => listing.Weight));

    readonly SeedWorld world;
    readonly RandomSource random = new(0);
    readonly TextComposer composer;

    public OpportunitiesTable(SeedWorld world)
        : base("opportunities", "id, author_id, kind, title, description, tags, latitude, longitude, closes_at, created_at, updated_at",
            world.Options.Opportunities)
    {
        this.world = world;
        composer = new TextComposer(random);
    }

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        world.Stream(random, SeedStream.Opportunity, unit);
        var createdAt = world.Before(Days * 86_400.0 * (1 - (unit + random.NextDouble()) / world.Options.Opportunities));
        var listing = Listing.All[Kinds.Next(random)];
        var city = world.AnyCity(random);
        var (latitude, longitude) = SeedWorld.Near(city, random);
        composer.About(random.Next(world.Options.Categories), city.Name);
        await copy.Row();
        await copy.Long(unit + 1);
        await copy.Long(random.Next(world.UsersAt(createdAt)) + 1);
        await copy.Text(listing.Kind);
        await copy.Text(ListingText.Title(listing, composer, random));
        await copy.Text(ListingText.Description(listing, composer.Restart(), random));
        await copy.Texts(Tagging.Choose(null, listing.Tags, random));
        await copy.Double(latitude);
        await copy.Double(longitude);
        await copy.Instant(createdAt.AddDays(random.Between(10, 90)));
        await copy.Instant(createdAt);
        await copy.Instant(random.Chance(0.3) ? world.After(createdAt, 20 * 86_400, random) : createdAt);
    }
}
