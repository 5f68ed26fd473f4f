namespace Edge.IntegrationTests.Data;

public sealed class TypeTests
{
    static readonly Guid Id = new("6f9619ff-8b86-d011-b42d-00c04fc964ff");
    static readonly DateTime At = new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);
    static readonly DateTimeOffset InBerlin = new(2026, 7, 4, 5, 6, 7, TimeSpan.FromHours(2));
    static readonly DateOnly Day = new(2026, 3, 4);
    static readonly TimeSpan Span = TimeSpan.FromHours(30.5);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_scalar_comes_back_as_it_was_sent()
    {
        await using var fixture = await DataFixture.Create();

        var echo = await TypeQueries.EchoScalars(
            fixture.Database, true, -3, int.MinValue, long.MaxValue, 1.5f, -0.1, 12345678901234.56m, "ö'\"\\ \n", Id, At, InBerlin, Day,
            Span, [0, 255], new byte[] { 1, 2 }, Mood.VeryHappy, Cancel);

        Assert.Equal((true, (short)-3, int.MinValue, long.MaxValue), (echo.Flag, echo.Small, echo.Whole, echo.Large));
        Assert.Equal((1.5f, -0.1, 12345678901234.56m, "ö'\"\\ \n", Id), (echo.Single, echo.Double, echo.Exact, echo.Text, echo.Id));
        Assert.Equal((At, DateTimeKind.Utc, InBerlin, TimeSpan.Zero), (echo.At, echo.At.Kind, echo.AtOffset, echo.AtOffset.Offset));
        Assert.Equal((Day, Span, Mood.VeryHappy), (echo.Day, echo.Span, echo.Mood));
        Assert.Equal([0, 255], echo.Bytes);
        Assert.Equal([1, 2], echo.Memory.ToArray());
    }

    [Fact]
    public async Task Each_optional_value_comes_back_as_it_was_sent()
    {
        await using var fixture = await DataFixture.Create();

        var echo = await TypeQueries.EchoOptionals(
            fixture.Database, false, 3, 4, 5, 6, 7, 8, "", Id, At, InBerlin, Day, Span, [], Array.Empty<byte>(), Mood.Calm, [9], Cancel);

        Assert.Equal((false, (short)3, 4, 5L), (echo.Flag, echo.Small, echo.Whole, echo.Large));
        Assert.Equal((6f, 7d, 8m, ""), (echo.Single, echo.Double, echo.Exact, echo.Text));
        Assert.Equal((Id, At, InBerlin, Day, Span, Mood.Calm), (echo.Id, echo.At, echo.AtOffset, echo.Day, echo.Span, echo.Mood));
        Assert.Equal([9], echo.Wholes!);
        Assert.Empty(echo.Bytes!);
        Assert.True(echo.Memory is { Length: 0 });
    }

    [Fact]
    public async Task Each_null_comes_back_as_null()
    {
        await using var fixture = await DataFixture.Create();

        var echo = await TypeQueries.EchoOptionals(
            fixture.Database, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, Cancel);

        Assert.Equal(
            new Optionals(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
            echo);
    }

    [Fact]
    public async Task Each_array_comes_back_as_it_was_sent()
    {
        await using var fixture = await DataFixture.Create();

        var echo = await TypeQueries.EchoArrays(
            fixture.Database, [true, false], [1], [2, -2], [3], [4.5f], [5.5], [6.25m], ["a", ""], [Id], [At], [InBerlin], [Day], [Span],
            [[1], []], [7, null], ["x", null], Cancel);

        Assert.Equal([true, false], echo.Flags);
        Assert.Equal([1], echo.Smalls);
        Assert.Equal([2, -2], echo.Wholes);
        Assert.Equal([3], echo.Larges);
        Assert.Equal([4.5f], echo.Singles);
        Assert.Equal([5.5], echo.Doubles);
        Assert.Equal([6.25m], echo.Exacts);
        Assert.Equal(["a", ""], echo.Texts);
        Assert.Equal([Id], echo.Ids);
        Assert.Equal([At], echo.Ats);
        Assert.Equal([InBerlin], echo.AtOffsets);
        Assert.Equal([Day], echo.Days);
        Assert.Equal([Span], echo.Spans);
        Assert.Equal([[1], []], echo.Blobs);
        Assert.Equal(new int?[] { 7, null }, echo.Gaps);
        Assert.Equal(new string?[] { "x", null }, echo.Holes);
    }

    [Fact]
    public async Task Empty_arrays_are_not_null()
    {
        await using var fixture = await DataFixture.Create();

        Assert.True(await TypeQueries.IsNull(fixture.Database, null, Cancel));
        Assert.False(await TypeQueries.IsNull(fixture.Database, [], Cancel));
    }
}
