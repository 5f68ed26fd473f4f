using Edge.Http;

namespace Edge.Tests.Http;

public sealed class JsonAnswerTests
{
    const string Tag = "\"abc\"";

    [Theory]
    [InlineData("\"abc\"")]
    [InlineData("W/\"abc\"")]
    [InlineData("\"x\", \"abc\"")]
    [InlineData("\"x\",\"abc\",\"y\"")]
    [InlineData("*")]
    public void A_client_that_has_the_tag_is_recognised(string condition) => Assert.True(JsonAnswer.Matches(condition, Tag));

    [Theory]
    [InlineData("\"abcd\"")]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData(",,,")]
    [InlineData("W/")]
    public void Any_other_condition_does_not_match(string condition) => Assert.False(JsonAnswer.Matches(condition, Tag));
}
