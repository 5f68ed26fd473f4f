using Edge.Data.Seeding;
using Edge.IntegrationTests.Migrations;

namespace Edge.IntegrationTests.Seeding;

public class SeederTests(SeedFixture seed) : IClassFixture<SeedFixture>
{
    static readonly SeedOptions Tiny = SeedFixture.Options with { Users = 200, Products = 100, Orders = 300, Posts = 10, Stories = 10, Opportunities = 10 };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_options_fill_two_databases_with_the_same_bytes()
    {
        await using var other = await SeedFixture.Migrated(Cancel);
        var result = await SeedFixture.Seed(other, SeedFixture.Options, Cancel);
        Assert.Equal(seed.Result.Rows, result.Rows);
        Assert.Equal(await SeedFixture.Checksums(seed.Source, Cancel), await SeedFixture.Checksums(other.Source, Cancel));
    }

    [Fact]
    public async Task Another_seed_fills_it_with_others()
    {
        await using var one = await SeedFixture.Migrated(Cancel);
        await using var two = await SeedFixture.Migrated(Cancel);
        await SeedFixture.Seed(one, Tiny, Cancel);
        await SeedFixture.Seed(two, Tiny with { Seed = 2 }, Cancel);
        Assert.NotEqual(await SeedFixture.Checksums(one.Source, Cancel), await SeedFixture.Checksums(two.Source, Cancel));
    }

    [Fact]
    public async Task Constraints_and_indexes_are_afterwards_as_the_migrations_made_them()
    {
        await using var fresh = await SeedFixture.Migrated(Cancel);
        const string schema = """
            select string_agg(line, E'\n' order by line) from (
                select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated as line
                from pg_constraint where connamespace = 'public'::regnamespace
                union all select indexdef from pg_indexes where schemaname = 'public') t
            """;
        var expected = await fresh.Scalar<string>(schema);
        await SeedFixture.Seed(fresh, Tiny, Cancel);
        Assert.Contains("order_items_product_id_fkey", expected);
        Assert.Equal(expected, await fresh.Scalar<string>(schema));
    }

    /// <summary>The fewer users, the later the first author joined: of a hundred users only 322 days ago, of the two and a half years of posts.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task The_posts_of_few_users_begin_with_the_first_author(int users)
    {
        await using var database = await SeedFixture.Migrated(Cancel);
        Assert.True((await SeedFixture.Seed(database, Tiny with { Users = users, Posts = 500 }, Cancel)).Succeeded);
        Assert.Equal(0, await database.Scalar<long>("select count(*) from blogs b join users u on u.id = b.author_id where u.created_at > b.created_at"));
        // Not all at once on the day that they joined.
        Assert.InRange(await database.Scalar<long>("select count(distinct created_at) from blogs"), 490, 500);
    }

    [Theory]
    [InlineData("users: ")]
    [InlineData("order_items: ")]
    [InlineData("foreign keys: ")]
    public async Task An_interrupted_seed_leaves_an_empty_database_that_can_be_seeded(string afterLine)
    {
        await using var database = await SeedFixture.Migrated(Cancel);
        var empty = await SeedFixture.Checksums(database.Source, Cancel);
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        database.Log.When(afterLine, interrupt.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SeedFixture.Seed(database, Tiny, interrupt.Token));
        Assert.Equal(empty, await SeedFixture.Checksums(database.Source, Cancel));
        Assert.Equal(SeedOutcome.Seeded, (await SeedFixture.Seed(database, Tiny, Cancel)).Outcome);
    }

    [Fact]
    public async Task A_second_seed_has_nothing_to_do_and_one_of_another_day_or_size_is_refused()
    {
        await using var database = await SeedFixture.Migrated(Cancel);
        await SeedFixture.Seed(database, Tiny, Cancel);
        var before = await SeedFixture.Checksums(database.Source, Cancel);

        foreach (var same in new[] { Tiny, Tiny with { AsOf = null } })
        {
            var again = await SeedFixture.Seed(database, same, Cancel);
            Assert.Equal(SeedOutcome.AlreadySeeded, again.Outcome);
            Assert.True(again.Succeeded);
        }

        var later = await SeedFixture.Seed(database, Tiny with { AsOf = Tiny.AsOf!.Value.AddDays(1) }, Cancel);
        Assert.Equal(SeedOutcome.SeededDifferently, later.Outcome);
        Assert.Contains($"--as-of {Tiny.AsOf:yyyy-MM-dd}", later.Message);

        var other = await SeedFixture.Seed(database, Tiny with { Users = 500 }, Cancel);
        Assert.Equal(SeedOutcome.SeededDifferently, other.Outcome);
        Assert.Contains("--users 200", other.Message);
        Assert.False(other.Succeeded);
        Assert.Equal(before, await SeedFixture.Checksums(database.Source, Cancel));
    }

    [Fact]
    public async Task Somebody_elses_data_is_left_alone()
    {
        await using var database = await SeedFixture.Migrated(Cancel);
        await database.Execute("insert into users (email, username, display_name) values ('real@example.com', 'real_one', 'Real')");
        var result = await SeedFixture.Seed(database, Tiny, Cancel);
        Assert.Equal(SeedOutcome.NotEmpty, result.Outcome);
        Assert.Equal(1, await database.Scalar<long>("select count(*) from users"));
    }

    [Fact]
    public async Task Of_two_at_once_one_seeds_and_the_other_finds_it_done()
    {
        await using var database = await SeedFixture.Migrated(Cancel);
        var results = await Task.WhenAll(SeedFixture.Seed(database, Tiny, Cancel), SeedFixture.Seed(database, Tiny, Cancel));
        Assert.Equal([SeedOutcome.Seeded, SeedOutcome.AlreadySeeded], results.Select(static result => result.Outcome).Order());
        Assert.Equal(Tiny.Users, await database.Scalar<long>("select count(*) from users"));
    }

    [Fact]
    public async Task An_unmigrated_database_and_bad_options_are_refused_with_what_to_do()
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        var unmigrated = await SeedFixture.Seed(database, Tiny, Cancel);
        Assert.Equal(SeedOutcome.SchemaMissing, unmigrated.Outcome);
        Assert.Contains("edge migrate", unmigrated.Message);

        var invalid = await SeedFixture.Seed(database, Tiny with { Users = 1, Orders = -1 }, Cancel);
        Assert.Equal(SeedOutcome.InvalidOptions, invalid.Outcome);
        Assert.Contains("users is 1", invalid.Message);
        Assert.Contains("orders is -1", invalid.Message);
    }
}
