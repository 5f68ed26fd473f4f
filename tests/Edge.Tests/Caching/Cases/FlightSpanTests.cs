using System.Diagnostics;
using Edge.Core.Caching;

namespace Edge.Tests.Caching.Cases;

/// <summary>Flights in traces. A listener hears the whole process, so each test looks at its own trace alone.</summary>
public sealed class FlightSpanTests : IDisposable
{
    readonly CacheBench _bench = new(2);
    readonly Activity _caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
    readonly List<Activity> _ended = [];
    readonly ActivityListener _listener;
    int _begun;

    public FlightSpanTests()
    {
        _listener = new()
        {
            ShouldListenTo = static source => source.Name == EdgeCache.SpanSource,
            Sample = Sampled,
            ActivityStopped = span =>
            {
                if (span.TraceId == _caller.TraceId)
                    _ended.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Traces that some flight of this process began, of this test or of others meanwhile.</summary>
    int Begun => Volatile.Read(ref _begun);

    ActivitySamplingResult Sampled(ref ActivityCreationOptions<ActivityContext> span)
    {
        if (span.Parent == default)
            Interlocked.Increment(ref _begun);
        return span.TraceId == _caller.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;
    }

    CacheBench.Node A => _bench[0];

    CacheBench.Node B => _bench[1];

    /// <summary>Name, result and parent of what has ended.</summary>
    string[] Ended => [.. _ended.Select(span => $"{span.DisplayName} {span.GetTagItem("cache.result")}{(span.Status == ActivityStatusCode.Error ? " error" : "")} of {(span.ParentSpanId == _caller.SpanId ? "caller" : "?")}")];

    public void Dispose()
    {
        _listener.Dispose();
        _caller.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public void A_load_is_part_of_its_caller_s_trace_and_a_hit_is_nothing()
    {
        Assert.Equal((CacheSource.Miss, 1), A.Read());
        Assert.Equal(["cache test loaded of caller"], Ended);
        Assert.Same(_caller, Activity.Current);
        Assert.Equal((CacheSource.Hit, 1), A.Read());
        Assert.Single(_ended);
    }

    [Fact]
    public void What_another_engine_had_loaded_is_told_apart_from_a_load()
    {
        A.Read();
        B.Read();
        Assert.Equal(["cache test loaded of caller", "cache test shared of caller"], Ended);
    }

    [Fact]
    public void A_load_that_fails_says_so()
    {
        _bench.Origin.Fail();
        Assert.Equal(CacheSource.Failed, A.Read().Source);
        Assert.Equal(["cache test failed error of caller"], Ended);
    }

    [Fact]
    public void A_load_at_its_deadline_has_failed_for_its_span_as_for_its_callers()
    {
        _bench.Origin.Hold();
        var read = A.BeginRead();
        _bench.Pass(CacheBench.Policy.LoadTimeoutMs + 100);
        Assert.Equal(CacheSource.Failed, CacheBench.Ended(read).Source);
        _bench.Origin.Release();
        _bench.Settle();
        Assert.Equal(["cache test failed error of caller"], Ended);
    }

    [Fact]
    public void A_caller_that_is_answered_stale_still_has_the_load_behind_it_in_its_trace()
    {
        A.Read();
        _bench.Pass(1_100);
        Assert.Equal((CacheSource.Stale, 1), A.Read());
        _bench.Settle();
        Assert.Equal(["cache test loaded of caller", "cache test loaded of caller"], Ended);
    }

    [Fact]
    public void What_is_loaded_at_once_is_one_span()
    {
        A.ReadMany(null, "a", "b", "c");
        Assert.Equal(["cache test loaded of caller"], Ended);
    }

    [Fact]
    public void Who_is_not_traced_begins_no_trace()
    {
        Activity.Current = null;
        A.Read();
        Activity.Current = _caller;
        Assert.Equal((0, 0), (Begun, _ended.Count));
    }
}
