using System.Diagnostics;
using Edge.Data;
using Edge.Tests.Basics;

namespace Edge.Tests.Data;

public sealed class QueryObservationTests
{
    static readonly Query s_query = new("Test.One", isRead: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_attempt_allocates_nothing(bool isObserved)
    {
        const int rounds = 1_000;
        var counted = new CountedRows();
        IQueryObserver? observer = isObserved ? counted : null;

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < rounds; i++)
            {
                var observation = QueryObservation.Start(observer, s_query);
                observation.Connected();
                observation.End(i, static _ => 3);
            }
        }));

        Assert.True(isObserved ? counted.Rows >= 3 * rounds : counted.Rows == 0);
    }

    [Fact]
    public void The_time_of_a_query_begins_with_its_connection()
    {
        var counted = new CountedRows();
        var observation = QueryObservation.Start(counted, s_query);
        var waited = Stopwatch.GetTimestamp();
        observation.Connected();
        observation.End(failure: null);

        Assert.InRange(counted.StartedAt, waited, Stopwatch.GetTimestamp());
    }

    [Fact]
    public void The_time_of_a_query_that_got_no_connection_is_the_wait_for_one()
    {
        var counted = new CountedRows();
        var observation = QueryObservation.Start(counted, s_query);
        var waited = Stopwatch.GetTimestamp();
        observation.End(new TimeoutException());

        Assert.InRange(counted.StartedAt, 1, waited);
    }

    [Fact]
    public void Each_class_of_failure_is_a_word_of_its_own() => Assert.Equal(
        ["other", "unavailable", "pool_exhausted", "timeout", "conflict", "foreign_key", "check", "schema", "serialization"],
        Enum.GetValues<DatabaseFailure>().Select(DatabaseFailures.Word));

    [Fact]
    public void Success_and_a_caller_that_left_are_no_failures_of_the_database()
    {
        Assert.Equal("ok", DatabaseFailures.OutcomeOf(null));
        Assert.Equal("cancelled", DatabaseFailures.OutcomeOf(new TaskCanceledException()));
        Assert.Equal("timeout", DatabaseFailures.OutcomeOf(new Npgsql.NpgsqlException("late", new TimeoutException())));
        Assert.Equal("other", DatabaseFailures.OutcomeOf(new InvalidOperationException()));
    }

    sealed class CountedRows : IQueryObserver
    {
        public int Rows { get; private set; }

        public long StartedAt { get; private set; }

        Activity? IQueryObserver.Started(Query query) => null;

        void IQueryObserver.Ended(Query query, Activity? span, long startedAt, int rows, Exception? failure)
        {
            StartedAt = startedAt;
            Rows += rows;
        }
    }
}
