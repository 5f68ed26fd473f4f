using Edge.Data;
using Edge.Http;
using Edge.Testing;
using Edge.Tests.Basics;

namespace Edge.Tests.Http;

public sealed class OutageLogTests
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(OutageLog.IntervalSeconds);

    readonly FakeTime _clock = new();
    readonly LogRecorder<OutageLog> _log = new();
    readonly OutageLog _outages;

    public OutageLogTests() => _outages = new(_clock, _log);

    IEnumerable<string?> Names => _log.Events.Select(static logged => logged.Name);

    void Fail(DatabaseFailure kind = DatabaseFailure.Unavailable, int times = 1)
    {
        for (var i = 0; i < times; i++)
            _outages.Failed(kind, new IOException("refused"), $"trace {i}", "GET", "/api/things");
    }

    [Fact]
    public void While_nothing_fails_nothing_is_open_or_written()
    {
        Assert.False(_outages.IsOpen);
        _outages.Answered();
        Assert.Empty(_log.Events);
    }

    [Fact]
    public void The_first_failure_is_written_at_once_and_a_flood_after_it_is_not()
    {
        Fail(times: 1000);
        var line = Assert.Single(_log.Events);
        Assert.Equal("GET /api/things could not be answered (trace trace 0, query ): IOException: refused", line.Text);
        Assert.True(_outages.IsOpen);
    }

    [Fact]
    public void The_cause_is_told_where_it_says_more_than_the_failure()
    {
        _outages.Failed(
            DatabaseFailure.Unavailable, new IOException("Exception while performing SSL handshake", new IOException("wrong", new IOException("certificate expired"))), "1", "GET", "/api/things");
        Assert.EndsWith("IOException: Exception while performing SSL handshake: certificate expired", Assert.Single(_log.Events).Text);
        _clock.Advance(Interval);
        _outages.Failed(DatabaseFailure.Unavailable, new IOException("refused: no", new IOException("no.")), "2", "GET", "/api/things");
        Assert.EndsWith("IOException: refused: no", _log.Events[1].Text);
    }

    [Fact]
    public void Every_ten_seconds_one_line_counts_those_that_were_not_written()
    {
        Fail(times: 1000);
        _clock.Advance(Interval);
        Fail(times: 500);
        _clock.Advance(Interval / 2);
        Fail(times: 500);
        _clock.Advance(Interval / 2);
        Fail();
        Assert.Equal(["DependencyFailed", "DependencyStillFailing", "DependencyStillFailing"], Names);
        Assert.Equal([1000L, 1000L], _log.Events.Skip(1).Select(static logged => logged["Count"]));
        Assert.Equal("trace 0", _log.Events[2]["TraceId"]);
    }

    [Fact]
    public void Each_kind_has_its_own_first_line()
    {
        Fail(DatabaseFailure.Unavailable, 10);
        Fail(DatabaseFailure.Serialization, 10);
        Fail(DatabaseFailure.Schema, 10);
        Assert.Equal(["DependencyFailed", "DependencyFailed", "SchemaMissing"], Names);
        Assert.NotNull(_log.Events[2].Exception);
    }

    [Fact]
    public void A_server_that_freezes_is_one_outage_whatever_it_looks_like()
    {
        Fail(DatabaseFailure.Timeout, 10);
        Fail(DatabaseFailure.PoolExhausted, 10);
        _clock.Advance(Interval);
        Fail(DatabaseFailure.Unavailable, 10);
        Fail(DatabaseFailure.PoolExhausted);
        Assert.Equal(["DependencyFailed", "DependencyStillFailing"], Names);
        Assert.Equal(20L, _log.Events[1]["Count"]);
        _clock.Advance(Interval);
        _outages.Answered();
        Assert.Equal("Requests are answered again: 31 were not, within 10 s (PoolExhausted)", _log.Events[2].Text);
        Assert.False(_outages.IsOpen);
    }

    [Fact]
    public void When_answers_work_again_and_stay_one_line_says_so_and_the_next_failure_is_a_first_one()
    {
        Fail(times: 3);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Fail(times: 2);
        _clock.Advance(Interval);
        _outages.Answered();
        _outages.Answered();
        Assert.Equal(["DependencyFailed", "AnsweredAgain"], Names);
        Assert.Equal("Requests are answered again: 5 were not, within 4 s (Unavailable)", _log.Events[1].Text);
        Assert.False(_outages.IsOpen);
        Fail();
        Assert.Equal(["DependencyFailed", "AnsweredAgain", "DependencyFailed"], Names);
    }

    [Fact]
    public void Answers_between_failures_end_nothing()
    {
        for (var second = 0; second < 60; second++)
        {
            Fail();
            _outages.Answered();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(["DependencyFailed", .. Enumerable.Repeat("DependencyStillFailing", 5)], Names);
    }

    [Fact]
    public void One_kind_may_end_while_another_goes_on()
    {
        Fail(DatabaseFailure.PoolExhausted);
        _clock.Advance(Interval);
        Fail(DatabaseFailure.Serialization);
        _outages.Answered();
        Assert.Equal(DatabaseFailure.PoolExhausted, _log.Events[^1]["Kind"]);
        Assert.True(_outages.IsOpen);
    }
}
