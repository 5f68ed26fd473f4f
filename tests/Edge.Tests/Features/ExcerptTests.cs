using Edge.Features.Blogs;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Features;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly 10", 10, "exactly 10")]
    [InlineData("the kettle is on", 12, "the kettle…")]
    [InlineData("bread, butter and jam", 8, "bread…")]
    [InlineData("donaudampfschifffahrt", 10, "donaudamp…")]
    public void A_long_text_is_cut_after_a_word(string text, int limit, string excerpt) => Assert.Equal(excerpt, Excerpt.Of(text, limit));

    [Fact]
    public void No_surrogate_pair_is_cut_in_half() => Assert.Equal("aaaaaaaa…", Excerpt.Of("aaaaaaaa🍵🍵🍵", 10));

    [Fact]
    public void No_excerpt_is_longer_than_its_limit() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        ArbMap.Default.ArbFor<(NonNull<string>, PositiveInt)>(),
        text => Excerpt.Of(text.Item1.Get, text.Item2.Get + 2).Length <= text.Item2.Get + 2));
}
