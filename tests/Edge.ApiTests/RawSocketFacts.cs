using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class RawSocketInProcess(TestBed bed) : RawSocketFacts(bed.InProcess);

public sealed class RawSocketNative(TestBed bed) : RawSocketFacts(bed.Native);

/// <summary>What no HTTP library sends. The server's own refusals have no body; they end the connection, and the next one works.</summary>
public abstract partial class RawSocketFacts : Facts
{
    const string Host = "Host: edge\r\n";
    const string Close = Host + "Connection: close\r\n\r\n";

    private protected RawSocketFacts(EdgeWay way) : base(way)
    {
    }

    [Theory]
    [InlineData("no request at all\r\n\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    [InlineData("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET /health\r\n\r\n")]
    [InlineData("GET  /health HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET /health HTTP/0.9\r\n" + Host + "\r\n")]
    [InlineData("GET /health HTTP/9.9\r\n" + Host + "\r\n")]
    [InlineData("GET /health FTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\nHost: a b\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Bad Header: x\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + ": no name\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "no colon\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Folded: a\r\n b\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Null: a\0b\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Content-Length: 99999999999999999999999\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Content-Length: -1\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("GET /health HTTP/1.1\r\n" + Host + "Transfer-Encoding: gzip\r\n\r\n")]
    [InlineData("GET /%00 HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET /a\0b HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET ? HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET http://elsewhere.example/health HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET health HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("GET /\xff\xfe HTTP/1.1\r\n" + Host + "\r\n")]
    [InlineData("CONNECT edge:80 HTTP/1.1\r\nHost: edge:80\r\nConnection: close\r\n\r\n")]
    public async Task What_is_not_http_is_refused_and_the_connection_ends(string request)
    {
        var answer = await Edge.Raw(request, Cancelled);
        Assert.InRange(StatusOf(answer), 400, 505);
        Assert.NotEqual(500, StatusOf(answer));
        Assert.DoesNotContain("Exception", answer);
        Assert.DoesNotContain("Kestrel", answer, StringComparison.OrdinalIgnoreCase);
        await IsHealthy();
    }

    [Theory]
    [InlineData("GET //api/products/1", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api//products/1", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products//1", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1/", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /health/", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /openapi.JSON", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/../users/1", 200, "{\"id\":1,\"username\"")]
    [InlineData("GET /api/products/..", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/.", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /../../etc/passwd", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /%2e%2e/%2e%2e/etc/passwd", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /..%2f..%2fetc/passwd", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /..%5c..%5cetc/passwd", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1%2F2", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api%2Fproducts/1", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/%31", 200, "{\"id\":1,\"name\"")]
    [InlineData("GET /api/products/%2531", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1%20", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /API/PRODUCTS/1", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/Popular", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1;v=2", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1.json", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /%FF%FE", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /%", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /%zz", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1#fragment", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET /api/products/1?#fragment", 400, "{\"type\":\"urn:edge:problem:")]
    [InlineData("GET http://edge/api/products/1", 200, "{\"id\":1,\"name\"")]
    [InlineData("OPTIONS *", 404, "{\"type\":\"urn:edge:problem:")]
    [InlineData("TRACE /api/products/1", 405, "{\"type\":\"urn:edge:problem:")]
    public async Task A_tricky_path_is_answered_or_refused_like_any_other(string line, int status, string begin)
    {
        var answer = await Edge.Raw($"{line} HTTP/1.1\r\n{Close}", Cancelled);
        Assert.Equal(status, StatusOf(answer));
        Assert.StartsWith(begin, answer.Split("\r\n\r\n", 2)[1]);
    }

    [Theory]
    [InlineData("User-Agent")]
    [InlineData("Accept")]
    [InlineData("Accept-Encoding")]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("If-None-Match")]
    [InlineData("If-Modified-Since")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Anything")]
    public async Task An_oversized_header_is_431_and_named(string name)
    {
        Assert.Equal(200, StatusOf(await Edge.Raw(With(name, 4000), Cancelled)));
        var limit = name == "If-None-Match" ? 4096 : 8192;
        var refused = ProblemOf(await Edge.Raw(With(name, limit + 1), Cancelled), 431);
        Assert.Equal($"at most {limit} characters", Assert.Single(refused.GetProperty("errors").EnumerateObject(), error => error.Name == name).Value[0].GetString());
        await IsHealthy();

        static string With(string name, int length) => $"GET /api/products/1 HTTP/1.1\r\n{name}: {new string('x', length)}\r\n{Close}";
    }

    [Fact]
    public async Task A_header_sent_in_parts_is_as_long_as_all_of_them()
    {
        var part = $"X-Part: {new string('x', 4097)}\r\n";
        var refused = ProblemOf(await Edge.Raw($"GET /api/products/1 HTTP/1.1\r\n{part}{part}{Close}", Cancelled), 431);
        Assert.Equal(["X-Part"], refused.GetProperty("errors").Members());
    }

    [Fact]
    public async Task Headers_that_are_too_large_together_are_431_and_the_largest_is_named()
    {
        var name = "X-Largest-" + new string('n', 100);
        var headers = string.Concat(Enumerable.Range(0, 10).Select(static i => $"X-{i}: {new string('y', 3000)}\r\n")) + $"{name}: {new string('z', 3500)}\r\n";
        var refused = ProblemOf(await Edge.Raw($"GET /api/products/1 HTTP/1.1\r\n{headers}{Close}", Cancelled), 431);
        Assert.Equal([name[..64] + "…"], refused.GetProperty("errors").Members());
        await IsHealthy();
    }

    [Fact]
    public async Task Too_many_headers_are_431()
    {
        Assert.Equal(200, StatusOf(await Edge.Raw(Many(90), Cancelled)));
        ProblemOf(await Edge.Raw(Many(150), Cancelled), 431);
        var repeated = string.Concat(Enumerable.Repeat("X-Same: y\r\n", 150));
        ProblemOf(await Edge.Raw($"GET /api/products/1 HTTP/1.1\r\n{repeated}{Close}", Cancelled), 431);
        await IsHealthy();

        static string Many(int count) => $"GET /api/products/1 HTTP/1.1\r\n{string.Concat(Enumerable.Range(0, count).Select(static i => $"X-{i}: y\r\n"))}{Close}";
    }

    [Fact]
    public async Task A_target_that_is_too_long_is_414()
    {
        ProblemOf(await Edge.Raw($"GET /{new string('a', 8192)} HTTP/1.1\r\n{Close}", Cancelled), 414);
        ProblemOf(await Edge.Raw($"GET /api/products?limit={new string('9', 9000)} HTTP/1.1\r\n{Close}", Cancelled), 414);
        ProblemOf(await Edge.Raw($"GET /{string.Concat(Enumerable.Repeat("%61", 3000))} HTTP/1.1\r\n{Close}", Cancelled), 414);
        ProblemOf(await Edge.Raw($"GET /{new string('a', 8191)} HTTP/1.1\r\n{Close}", Cancelled), 404);
        await IsHealthy();
    }

    /// <summary>Beyond twice the limits the server hangs up with the bare status.</summary>
    [Fact]
    public async Task A_head_without_measure_gets_the_status_alone()
    {
        Assert.Equal(414, StatusOf(await Edge.Raw($"GET /{new string('a', 17_000)} HTTP/1.1\r\n{Close}", Cancelled)));
        Assert.Equal(431, StatusOf(await Edge.Raw($"GET /health HTTP/1.1\r\nX-Endless: {new string('x', 70_000)}\r\n{Close}", Cancelled)));
        Assert.Equal(431, StatusOf(await Edge.Raw($"GET /health HTTP/1.1\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 300))}{Close}", Cancelled)));
        await IsHealthy();
    }

    [Fact]
    public async Task Requests_sent_at_once_are_answered_in_order()
    {
        var requests = string.Concat(Enumerable.Range(1, 20).Select(static id => $"GET /api/products/{id} HTTP/1.1\r\n{Host}\r\n")) + $"GET /health/live HTTP/1.1\r\n{Close}";
        var answer = await Edge.Raw(requests, Cancelled);
        Assert.Equal(21, StatusLine().Count(answer));
        Assert.Equal(Enumerable.Range(1, 20), ProductId().Matches(answer).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_body_that_no_route_wants_is_skipped()
    {
        var sized = await Edge.Raw(
            $"GET /api/products/1 HTTP/1.1\r\n{Host}Content-Length: 21\r\n\r\nGET /secret HTTP/1.1\rGET /api/products/2 HTTP/1.1\r\n{Close}", Cancelled);
        Assert.Equal(["1", "2"], ProductId().Matches(sized).Select(static match => match.Groups[1].Value));
        var chunked = await Edge.Raw(
            $"GET /api/products/1 HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /api/products/2 HTTP/1.1\r\n{Close}", Cancelled);
        Assert.Equal(["1", "2"], ProductId().Matches(chunked).Select(static match => match.Groups[1].Value));
    }

    [Fact]
    public async Task A_broken_body_ends_the_connection_after_the_answer()
    {
        var answer = await Edge.Raw(
            $"GET /api/products/1 HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\nZZZ\r\nnot a chunk\r\n\r\nGET /api/products/2 HTTP/1.1\r\n{Close}", Cancelled);
        Assert.True(StatusOf(answer) is 200 or 400, answer);
        Assert.DoesNotContain("{\"id\":2,", answer);
        await IsHealthy();
    }

    [Fact]
    public async Task A_body_larger_than_allowed_does_not_hold_the_answer_back()
    {
        var answer = await Edge.Raw($"GET /api/products/1 HTTP/1.1\r\n{Host}Connection: close\r\nContent-Length: 99999999999\r\n\r\n", Cancelled);
        Assert.True(StatusOf(answer) is 200 or 413, answer);
        await IsHealthy();
    }

    [Fact]
    public async Task A_slow_request_holds_up_nobody_else_and_is_answered_when_it_is_whole()
    {
        using var slow = await Edge.Connect(Cancelled);
        await slow.Send("GET /api/products/3 HT", Cancelled);
        await IsHealthy();
        await slow.Send("TP/1.1\r\nHo", Cancelled);
        await IsHealthy();
        await slow.Send("st: edge\r\nConnection: close\r\n\r\n", Cancelled);
        var answer = await slow.ReadToEnd(Cancelled);
        Assert.Equal(200, StatusOf(answer));
        Assert.Contains("{\"id\":3,", answer);
    }

    [Fact]
    public async Task A_client_that_leaves_midway_is_no_failure()
    {
        for (var i = 0; i < 20; i++)
        {
            using var gone = await Edge.Connect(Cancelled);
            await gone.Send($"GET /api/products/search?q=lamp HTTP/1.1\r\n{Host}\r\n", Cancelled);
        }
        await IsHealthy();
    }

    [Fact]
    public async Task Http_1_0_is_answered()
    {
        var answer = await Edge.Raw("GET /api/products/1 HTTP/1.0\r\n\r\n", Cancelled);
        Assert.Equal(200, StatusOf(answer));
        Assert.Contains("{\"id\":1,", answer);
    }

    static int StatusOf(string answer)
    {
        Assert.True(StatusLine().Match(answer) is { Success: true, Index: 0 }, $"no answer: '{answer}'");
        return int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    /// <summary>The problem that is the answer's body.</summary>
    static JsonElement ProblemOf(string answer, int status)
    {
        Assert.Equal(status, StatusOf(answer));
        var (head, body) = answer.Split("\r\n\r\n", 2) is [var first, var second] ? (first, second) : throw new InvalidDataException(answer);
        Assert.Contains("Content-Type: application/problem+json", head);
        // Raw text is bytes, one each.
        var problem = JsonDocument.Parse(Encoding.Latin1.GetBytes(body)).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        return problem;
    }

    async Task IsHealthy() => await Edge.Json("/api/products/1");

    [GeneratedRegex(@"HTTP/1\.1 \d\d\d")]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\{""id"":(\d+),")]
    private static partial Regex ProductId();
}
