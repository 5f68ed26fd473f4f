using Edge.Http;
using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Http;

public sealed class AdminGateTests
{
    const string Token = "0123456789abcdef";

    static Problem? Refusal(string? token, params string[] authorization)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = authorization;
        return new AdminGate(token).Refusal(context.Request);
    }

    [Theory]
    [InlineData("Bearer " + Token)]
    [InlineData("bearer " + Token)]
    public void The_token_opens(string header) => Assert.Null(Refusal(Token, header));

    [Theory]
    [InlineData("")]
    [InlineData(Token)]
    [InlineData("Basic " + Token)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer 0123456789abcdee")]
    [InlineData("Bearer " + Token + "0")]
    [InlineData("Bearer  " + Token)]
    public void Anything_else_is_401_and_told_how(string header)
    {
        var refusal = Refusal(Token, header);
        Assert.Equal(401, refusal?.Status);
        Assert.Equal("Bearer", refusal?.Challenge);
        Assert.DoesNotContain(Token, refusal?.Detail);
    }

    [Fact]
    public void Two_headers_are_401_even_if_one_is_right() => Assert.Equal(401, Refusal(Token, "Bearer " + Token, "Bearer x")?.Status);

    [Fact]
    public void Without_a_configured_token_there_is_no_such_route()
    {
        Assert.Equal(Problem.NoRoute, Refusal(null));
        Assert.Equal(Problem.NoRoute, Refusal(null, "Bearer "));
    }
}
