using Edge.Http;
using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Http;

public sealed class TraceIdTests
{
    const string Caller = "4bf92f3577b34da6a3ce929d0e0e4736";

    static string Of(params string[] traceParent)
    {
        var context = new DefaultHttpContext { TraceIdentifier = "0HN7:00000001" };
        context.Request.Headers.TraceParent = traceParent;
        var id = TraceId.Of(context);
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(id, TraceId.Of(context));
        return id;
    }

    [Fact]
    public void The_callers_trace_goes_on() => Assert.Equal(Caller, Of($"00-{Caller}-00f067aa0ba902b7-01"));

    [Theory]
    [InlineData("")]
    [InlineData(Caller)]
    [InlineData($"00-{Caller}-00f067aa0ba902b7")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e473\"-00f067aa0ba902b7-01")]
    public void A_broken_one_is_replaced(string traceParent) => Assert.NotEqual(Caller, Of(traceParent));

    [Fact]
    public void Two_of_them_are_none() => Assert.NotEqual(
        Caller, Of($"00-{Caller}-00f067aa0ba902b7-01", $"00-{Caller}-00f067aa0ba902b7-01"));

    [Fact]
    public void Two_requests_have_two_ids() => Assert.NotEqual(Of(), Of());
}
