using Edge.Data;

namespace Edge.IntegrationTests.Data;

public sealed class ResultTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_are_matched_by_name_whatever_their_order()
    {
        await using var fixture = await DataFixture.Create();

        var bob = await DataQueries.Find(fixture.Database, 2, Cancel);

        Assert.Equal(new Person(2, "bob", "b", Mood.VeryHappy, bob!.CreatedAt), bob);
        Assert.NotEqual(default, bob.CreatedAt);
    }

    [Fact]
    public async Task An_optional_row_that_is_not_there_is_null()
    {
        await using var fixture = await DataFixture.Create();
        Assert.Null(await DataQueries.Find(fixture.Database, 99, Cancel));
        Assert.Null(await DataQueries.TryGet(fixture.Database, 99, Cancel));
        Assert.Equal(new PersonName(2, "bob"), await DataQueries.TryGet(fixture.Database, 2, Cancel));
    }

    [Fact]
    public async Task A_promised_row_that_is_not_there_is_an_error_that_names_the_query()
    {
        await using var fixture = await DataFixture.Create();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await DataQueries.Get(fixture.Database, 99, Cancel));

        Assert.Contains("Data.Get", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_row_is_an_error_that_names_the_query()
    {
        await using var fixture = await DataFixture.Create();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await DataQueries.FirstOf(fixture.Database, 1, Cancel));

        Assert.Contains("Data.FirstOf", error.Message, StringComparison.Ordinal);
        Assert.Equal(new PersonName(4, "dee"), await DataQueries.FirstOf(fixture.Database, 4, Cancel));
    }

    [Fact]
    public async Task A_null_scalar_and_a_missing_row_are_both_null()
    {
        await using var fixture = await DataFixture.Create();

        Assert.Equal("b", await DataQueries.Nickname(fixture.Database, 2, Cancel));
        Assert.Null(await DataQueries.Nickname(fixture.Database, 1, Cancel));
        Assert.Null(await DataQueries.Nickname(fixture.Database, 99, Cancel));
        Assert.Equal(new string?[] { null, "b", null, null }, await DataQueries.Nicknames(fixture.Database, Cancel));
    }

    [Fact]
    public async Task Enums_are_stored_as_snake_case()
    {
        await using var fixture = await DataFixture.Create();

        var id = await DataQueries.Add(fixture.Database, "eve", Mood.VeryHappy, Cancel);

        Assert.Equal([2, id], await DataQueries.WithMoods(fixture.Database, [Mood.VeryHappy], Cancel));
        Assert.Equal(Mood.VeryHappy, await DataQueries.MoodOf(fixture.Database, id, Cancel));
    }

    [Fact]
    public async Task A_text_that_no_enum_member_stands_for_is_an_error_that_names_query_and_column()
    {
        await using var fixture = await DataFixture.Create();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await DataQueries.MoodOf(fixture.Database, 4, Cancel));

        Assert.Contains("Data.MoodOf", error.Message, StringComparison.Ordinal);
        Assert.Contains("'mood' holds 'furious'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_without_a_member_is_not_stored()
    {
        await using var fixture = await DataFixture.Create();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await DataQueries.Add(fixture.Database, "eve", (Mood)7, Cancel));
    }

    [Fact]
    public async Task A_command_tells_how_many_rows_it_changed()
    {
        await using var fixture = await DataFixture.Create();

        Assert.Equal(2, await DataQueries.Rename(fixture.Database, [1, 2, 99], "x", Cancel));
        Assert.Equal(0, await DataQueries.Rename(fixture.Database, [], null, Cancel));
    }

    [Fact]
    public async Task A_batch_gives_each_statement_its_own_parameters_and_result()
    {
        await using var fixture = await DataFixture.Create();

        // Repeated, so that the statements are prepared on the way.
        for (var i = 0; i < 4; i++)
        {
            var (one, touched, totals, some) = await DataQueries.Overview(fixture.Database, 2, 3, Cancel);
            Assert.Equal(new PersonName(2, "bob"), one);
            Assert.Equal(3, touched);
            Assert.Equal(new Totals(3, 3), totals);
            Assert.Equal([1, 2, 3], some.Select(person => person.Id));
        }
        var none = await DataQueries.Overview(fixture.Database, 99, 0, Cancel);
        Assert.Null(none.One);
        Assert.Equal((0, new Totals(0, null), 0), (none.Touched, none.Totals, none.Some.Count));
    }

    [Fact]
    public async Task A_batch_is_done_all_or_none()
    {
        await using var fixture = await DataFixture.Create();

        Assert.Equal((1, 1), await DataQueries.AddTwo(fixture.Database, "eve", "fay", Cancel));
        var failure = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            async () => await DataQueries.AddTwo(fixture.Database, "gus", "ada", Cancel));

        Assert.Equal(DatabaseFailure.Conflict, DatabaseFailures.Classify(failure));
        Assert.Equal("Data.AddTwo", DatabaseFailures.QueryName(failure));
        Assert.NotEqual(0, await DataQueries.Add(fixture.Database, "gus", Mood.Calm, Cancel));
    }

    [Fact]
    public async Task An_error_that_comes_after_the_row_is_not_lost()
    {
        await using var fixture = await DataFixture.Create();

        // The foreign key is checked at commit, after the row of RETURNING was sent.
        var failure = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            async () => await DataQueries.AddPet(fixture.Database, 1, 99, Cancel));

        Assert.Equal(DatabaseFailure.ForeignKey, DatabaseFailures.Classify(failure));
    }
}
