using System.Net.Sockets;
using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Features.Products;
using Edge.Http;
using Edge.Testing;
using Edge.Tests.Basics;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Edge.Tests.Http;

/// <summary>An outage in front of a cached route: one failed load, and everybody who asks for it.</summary>
public sealed class CachedFailureTests : IAsyncDisposable
{
    const int Callers = 1_000;

    readonly FakeTime _time = new();
    readonly LogRecorder<Front> _log = new();
    readonly LogRecorder<OutageLog> _outages = new();
    readonly TaskCompletionSource _isTried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly EdgeCache _cache;
    readonly Front _front;
    Exception _failure = new NpgsqlException("Failed to connect to 10.0.0.5:5432", new SocketException((int)SocketError.ConnectionRefused));
    int _loads;

    public CachedFailureTests()
    {
        _cache = new(new() { BudgetBytes = 1 << 20 }, _time, new RandomSource(1));
        var readiness = new Readiness();
        readiness.WarmedUp();
        var outages = new OutageLog(_time, _outages);
        var failed = new FailedAnswer(outages, _log);
        var rule = CacheRule.Tagged(new() { Name = "broken", DurationMs = 60_000 });
        var route = new CachedRoute<PopularProducts>(
            new() { Path = "/broken", Tag = "T", Summary = "S", Cache = rule }, rule, static () => ProductsJson.Default.PopularProducts,
            async _ =>
            {
                _loads++;
                await _isTried.Task;
                throw _failure;
            },
            shows: null, _cache, new CursorCodec("key"u8.ToArray()), _time, failed);
        _front = new(route.Serve, hits: null, cors: null, readiness, outages, failed, _log);
    }

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public async Task A_failure_that_thousands_wait_for_or_meet_later_is_one_load_one_line_and_a_trace_that_does_not_grow()
    {
        Task<HttpContext>[] waiting = [.. Enumerable.Range(0, Callers).Select(_ => Ask())];
        Assert.All(waiting, static one => Assert.False(one.IsCompleted));
        _isTried.SetResult();
        await IsUnavailable(waiting[0]);
        var trace = _failure.StackTrace;
        foreach (var one in waiting)
            await IsUnavailable(one);
        // Time stands still: the failure is remembered.
        for (var i = 0; i < Callers; i++)
            await IsUnavailable(Ask());
        Assert.Equal((1, trace), (_loads, _failure.StackTrace));
        Assert.Equal("DependencyFailed", Assert.Single(_outages.Events).Name);
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task A_bug_in_a_load_is_a_500_as_it_is_anywhere_and_the_log_has_where_it_was()
    {
        _failure = new InvalidOperationException("secret of the implementation");
        _isTried.SetResult();
        Assert.Equal(500, (await Ask()).Response.StatusCode);
        var logged = Assert.Single(_log.Events);
        Assert.Equal(("RequestFailed", _failure), (logged.Name, logged.Exception));
        Assert.Contains(nameof(CachedFailureTests), logged.Exception!.StackTrace, StringComparison.Ordinal);
        Assert.Empty(_outages.Events);
    }

    static async Task IsUnavailable(Task<HttpContext> asked)
    {
        var response = (await asked).Response;
        Assert.Equal((503, "2", "no-store"), (response.StatusCode, response.Headers.RetryAfter.ToString(), response.Headers.CacheControl.ToString()));
    }

    async Task<HttpContext> Ask()
    {
        var context = new DefaultHttpContext { Request = { Method = "GET", Path = "/broken" } };
        await _front.Serve(context);
        return context;
    }
}
