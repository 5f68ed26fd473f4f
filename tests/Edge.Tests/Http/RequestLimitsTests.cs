using Edge.Http;
using Edge.Tests.Basics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Edge.Tests.Http;

public sealed class RequestLimitsTests
{
    readonly DefaultHttpContext _context = new();

    Problem? Refusal() => RequestLimits.Refusal(_context);

    static string X(int length) => new('x', length);

    [Fact]
    public void A_target_may_have_8192_characters()
    {
        var request = _context.Features.GetRequiredFeature<IHttpRequestFeature>();
        request.RawTarget = X(8192);
        Assert.Null(Refusal());
        request.RawTarget = X(8193);
        Assert.Equal((414, "target-too-long"), (Refusal()?.Status, Refusal()?.Kind));
    }

    [Theory]
    [InlineData("Cookie", 8192)]
    [InlineData("X-Own", 8192)]
    [InlineData("If-None-Match", 4096)]
    [InlineData("if-none-match", 4096)]
    public void A_header_has_a_limit_for_all_its_lines_together(string name, int limit)
    {
        _context.Request.Headers[name] = X(limit);
        Assert.Null(Refusal());
        _context.Request.Headers[name] = X(limit + 1);
        Assert.Equal(name, Assert.Single(Refusal()!.Errors).Field);
        _context.Request.Headers[name] = new StringValues([X(limit), "x"]);
        Assert.Equal(name, Assert.Single(Refusal()!.Errors).Field);
    }

    [Fact]
    public void All_headers_have_a_limit_together_in_which_names_count_and_the_largest_is_named()
    {
        for (var i = 0; i < 4; i++)
            _context.Request.Headers[$"X-{i}"] = X(8000);
        Assert.Null(Refusal());
        _context.Request.Headers[X(1000)] = "";
        Assert.Equal((431, "X-0"), (Refusal()?.Status, Assert.Single(Refusal()!.Errors).Field));
    }

    [Fact]
    public void A_name_without_measure_is_cut_in_the_answer()
    {
        _context.Request.Headers[X(40_000)] = "";
        Assert.Equal(X(64) + "…", Assert.Single(Refusal()!.Errors).Field);
    }

    [Fact]
    public void There_may_be_100_lines_of_headers()
    {
        _context.Request.Headers["X-Many"] = new StringValues([.. Enumerable.Repeat("x", 100)]);
        Assert.Null(Refusal());
        _context.Request.Headers["X-One"] = "x";
        Assert.Equal(431, Refusal()?.Status);
        _context.Request.Headers.Clear();
        for (var i = 0; i < 101; i++)
            _context.Request.Headers[$"X-{i}"] = "x";
        Assert.Equal(431, Refusal()?.Status);
    }

    [Fact]
    public void The_check_allocates_nothing()
    {
        for (var i = 0; i < 12; i++)
            _context.Request.Headers[$"X-{i}"] = X(100);
        Assert.Null(Refusal());
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 100; i++)
                Refusal();
        }));
    }
}
