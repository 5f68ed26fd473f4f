using Edge.Http;

namespace Edge.Tests.Http;

public sealed class PercentTextTests
{
    [Theory]
    [InlineData("coffee", "coffee")]
    [InlineData("", "")]
    [InlineData("hand+made", "hand made")]
    [InlineData("a%2Bb", "a+b")]
    [InlineData("caf%C3%A9", "café")]
    [InlineData("%f0%9f%8d%b5", "🍵")]
    [InlineData("%00", "\0")]
    public void Valid_text_is_decoded(string encoded, string text)
    {
        Assert.True(PercentText.TryDecode(encoded, out var decoded));
        Assert.Equal(text, decoded);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("100%")]
    [InlineData("%C3")]
    [InlineData("%FF%FE")]
    [InlineData("%C0%AF")] // an overlong slash
    [InlineData("%ED%A0%80")] // half of a surrogate pair
    [InlineData("café")] // never on the wire unencoded
    public void Anything_else_is_refused(string encoded) => Assert.False(PercentText.TryDecode(encoded, out _));

    [Fact]
    public void Long_text_is_decoded_too()
    {
        var text = new string('é', 2000);
        Assert.True(PercentText.TryDecode(Uri.EscapeDataString(text), out var decoded));
        Assert.Equal(text, decoded);
    }
}
