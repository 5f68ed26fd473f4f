using Edge.Data.Changes;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Data.Changes;

public sealed class HeardChangesTests
{
    readonly HeardChanges _heard = new(["products", "blogs"]);

    [Theory]
    [InlineData("products 7 42", "products 42 @7")]
    [InlineData("blogs 7 new old", "blogs new @7, blogs old @7")]
    [InlineData("products 18446744073709551615", "products * @18446744073709551615")]
    [InlineData("products 7 42|products 9 42|products 8 42", "products 42 @8")]
    [InlineData("products 7 42|products 8|products 9 43", "products * @9")]
    [InlineData("products 7 42|blogs 7 a", "products 42 @7, blogs a @7")]
    [InlineData("blogs 7 *", "blogs * @7")]
    [InlineData("unknown 7 42|products 7 1|unknown", "products 1 @7")]
    [InlineData("unknown\u0000 x", "")]
    public void Each_row_is_told_once_under_the_last_number(string messages, string changes)
    {
        Hear(messages);
        Assert.Equal(changes.Length > 0, _heard.Any);
        Assert.Equal(changes, Taken());
        Assert.False(_heard.Any);
        Assert.Empty(_heard.Take().Changes);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("products")]
    [InlineData("products ")]
    [InlineData("products x")]
    [InlineData("products -1 4")]
    [InlineData("products +1 4")]
    [InlineData("products 18446744073709551616 4")]
    [InlineData("products 1.0 4")]
    [InlineData("products 7  42")]
    [InlineData("products 7 1|products 7 42  43|products 7 3")]
    public void What_makes_no_sense_is_a_gap(string messages)
    {
        Hear(messages);
        Assert.Equal("gap", Taken());
        Assert.Equal(1, _heard.Malformed);
        Hear("products 8 42");
        Assert.Equal("products 42 @8", Taken());
    }

    [Fact]
    public void More_rows_than_are_kept_are_all_rows()
    {
        for (var id = 1; id <= HeardChanges.MaxKeys; id++)
            Hear($"products 7 {id}");
        Hear("blogs 7 a");
        Assert.Equal(HeardChanges.MaxKeys + 1, _heard.Take().Changes.Count);
        for (var id = 0; id <= HeardChanges.MaxKeys; id++)
            Hear($"products 7 {id}");
        Hear("blogs 7 a");
        Assert.Equal("products * @7, blogs a @7", Taken());
    }

    /// <summary>Anyone may send anything.</summary>
    [Fact]
    public void No_message_does_harm_and_none_of_a_known_subject_is_lost() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2_000),
        Prop.ForAll(
            Gen.Elements("products", "blogs", "unknown", "", " ", "7", "0", "x", "*", "\u0000", "é", "products 7", "99999999999999999999").ArrayOf().ToArbitrary(),
            words =>
            {
                var heard = new HeardChanges(["products", "blogs"]);
                heard.Hear(string.Join(' ', words));
                var batch = heard.Take();
                var isKnown = words.Length == 0 || words[0] is "products" or "blogs" or "" or " " or "products 7";
                Assert.Equal(isKnown, batch.IsGap || batch.Changes.Count > 0);
                Assert.Equal(isKnown ? 0 : 1, heard.Ignored);
            }));

    void Hear(string messages)
    {
        foreach (var message in messages.Split('|'))
            _heard.Hear(message);
    }

    string Taken()
    {
        var batch = _heard.Take();
        return batch.IsGap ? "gap" : string.Join(", ", batch.Changes.Select(static change => $"{change.Subject} {change.Key ?? "*"} @{change.Number}"));
    }
}
