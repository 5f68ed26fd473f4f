using System.Text.RegularExpressions;

namespace Edge.Tests.House;

public sealed class CodeTextTests
{
    [Theory]
    [InlineData("a // b\nc", "a \nc")]
    [InlineData("a /* b\n */ c", "a \n c")]
    [InlineData("a \"b \\\" c\" d", "a d")]
    [InlineData("a @\"b \"\" \\\" d", "a @ d")]
    [InlineData("a $@\"b \\\" d", "a $@ d")]
    [InlineData("a \"\"\"b \" c\"\"\" d", "a d")]
    [InlineData("a '\"' b \"c\" d", "a b d")]
    [InlineData("a \"// b\" c", "a c")]
    [InlineData("a = \"\"; b", "a = ; b")]
    [InlineData("a \"unclosed", "a ")]
    public void Strings_and_comments_are_blanked_and_places_stay(string source, string code)
    {
        var found = CodeText.WithoutTexts(source);
        Assert.Equal(source.Length, found.Length);
        Assert.Equal(code, Regex.Replace(found, " +", " "));
    }
}
