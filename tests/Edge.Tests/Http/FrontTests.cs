using System.Net.Sockets;
using System.Text.Json;
using Edge.Http;
using Edge.Testing;
using Edge.Tests.Basics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace Edge.Tests.Http;

public sealed class FrontTests
{
    readonly Readiness _readiness = new();
    readonly LogRecorder<Front> _log = new();
    readonly LogRecorder<OutageLog> _outages = new();
    readonly FakeTime _clock = new();
    readonly DefaultHttpContext _context = new();
    readonly MemoryStream _body = new();

    public FrontTests()
    {
        _context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_body));
        _context.Request.Method = "GET";
        _context.Request.Path = "/api/things";
        _readiness.WarmedUp();
    }

    Front Front(RequestDelegate handler)
    {
        var outages = new OutageLog(_clock, _outages);
        return new(handler, hits: null, cors: null, _readiness, outages, new(outages, _log), _log);
    }

    async Task<JsonElement?> Serve(RequestDelegate handler)
    {
        await Front(handler).Serve(_context);
        await _context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        return _body.Length == 0 ? null : JsonDocument.Parse(_body.ToArray()).RootElement;
    }

    [Fact]
    public async Task Every_answer_has_the_security_headers_and_keeps_its_connection()
    {
        await Serve(static _ => Task.CompletedTask);
        var headers = ShownHeaders.Of(_context.Response.Headers);
        Assert.Equal("nosniff", headers.XContentTypeOptions);
        Assert.Equal("no-referrer", headers["Referrer-Policy"]);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", headers.ContentSecurityPolicy);
        Assert.Equal(0, headers.Connection.Count);
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task While_draining_every_answer_closes_its_connection()
    {
        _readiness.Drain();
        await Serve(static _ => Task.CompletedTask);
        Assert.Equal("close", _context.Response.Headers.Connection);
        Assert.Equal(200, _context.Response.StatusCode);
    }

    [Theory]
    [InlineData(404, "not-found")]
    [InlineData(405, "method-not-allowed")]
    [InlineData(418, "bad-request")]
    public async Task A_status_without_a_body_becomes_a_problem(int status, string kind)
    {
        var problem = await Serve(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal("urn:edge:problem:" + kind, problem?.GetProperty("type").GetString());
        Assert.Equal(status, problem?.GetProperty("status").GetInt32());
        Assert.Equal("/api/things", problem?.GetProperty("instance").GetString());
    }

    [Fact]
    public async Task A_bug_is_a_500_whose_cause_only_the_log_tells()
    {
        var problem = await Serve(static context =>
        {
            context.Response.Headers.ETag = "\"half an answer\"";
            context.Response.Headers.CacheControl = "public";
            context.Response.ContentLength = 10;
            throw new InvalidOperationException("secret of the implementation");
        });
        Assert.Equal(500, _context.Response.StatusCode);
        Assert.Equal(0, _context.Response.Headers.ETag.Count);
        Assert.Equal("no-store", _context.Response.Headers.CacheControl);
        Assert.DoesNotContain("secret", problem.ToString());

        var logged = Assert.Single(_log.Events);
        Assert.Equal("RequestFailed", logged.Name);
        Assert.Equal("secret of the implementation", logged.Exception?.Message);
        Assert.Equal(problem?.GetProperty("traceId").GetString(), logged["TraceId"]);
    }

    [Fact]
    public async Task A_broken_dependency_is_a_503_to_try_again_and_a_warning_without_a_stack()
    {
        var problem = await Serve(static _ => throw new NpgsqlException(
            "Failed to connect to 10.0.0.5:5432", new SocketException((int)SocketError.ConnectionRefused)));
        Assert.Equal(503, _context.Response.StatusCode);
        Assert.Equal("2", _context.Response.Headers.RetryAfter);
        Assert.DoesNotContain("10.0.0.5", problem.ToString());
        Assert.Empty(_log.Events);
        var logged = Assert.Single(_outages.Events);
        Assert.Equal("DependencyFailed", logged.Name);
        Assert.Equal(problem?.GetProperty("traceId").GetString(), logged["TraceId"]);
        Assert.Null(logged.Exception);
        Assert.Contains("10.0.0.5", logged.Text);
    }

    [Fact]
    public async Task A_client_that_left_is_neither_answered_nor_logged()
    {
        _context.RequestAborted = new(canceled: true);
        Assert.Null(await Serve(static context => Task.FromCanceled(context.RequestAborted)));
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task A_request_that_the_end_of_the_shutdown_cut_off_is_found_by_its_trace()
    {
        _readiness.Drain();
        _context.RequestAborted = new(canceled: true);
        _context.Request.Headers.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        Assert.Null(await Serve(static context => Task.FromCanceled(context.RequestAborted)));
        var logged = Assert.Single(_log.Events);
        Assert.Equal(("CutOff", "4bf92f3577b34da6a3ce929d0e0e4736"), (logged.Name, logged["TraceId"]));
    }

    [Fact]
    public async Task A_cancellation_that_is_not_the_clients_is_a_bug()
    {
        await Serve(static _ => throw new OperationCanceledException());
        Assert.Equal(500, _context.Response.StatusCode);
        Assert.Equal("RequestFailed", Assert.Single(_log.Events).Name);
    }

    [Fact]
    public async Task An_answer_that_breaks_half_way_is_reset()
    {
        var lifetime = new AbortRecorder();
        _context.Features.Set<IHttpResponseFeature>(new StartedResponse());
        _context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        await Front(static _ => throw new IOException("broken")).Serve(_context);
        Assert.True(lifetime.IsAborted);
        Assert.Equal(0, _body.Length);
    }

    [Theory]
    [InlineData(413, "body-too-large")]
    [InlineData(408, "request-timeout")]
    [InlineData(400, "bad-request")]
    public void A_request_that_the_server_refuses_keeps_its_status(int status, string kind)
    {
        var problem = FailedAnswer.ProblemOf(new BadHttpRequestException("words of the server", status));
        Assert.Equal((status, kind), (problem.Status, problem.Kind));
        Assert.DoesNotContain("words of the server", problem.ToString());
    }

    [Theory]
    [InlineData("23503", "blogs_author_id_fkey", 401)]
    [InlineData("23503", "orders_user_id_fkey", 401)]
    [InlineData("23503", "products_category_id_fkey", 409)]
    [InlineData("23505", "blogs_author_id_fkey", 500)]
    public void What_refers_to_somebody_who_is_gone_has_no_account_and_what_refers_to_something_else_conflicts(string sqlState, string constraint, int status) =>
        Assert.Equal(status, FailedAnswer.ProblemOf(new Npgsql.PostgresException("words of the server", "ERROR", "ERROR", sqlState, constraintName: constraint)).Status);

    sealed class StartedResponse : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    sealed class AbortRecorder : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
