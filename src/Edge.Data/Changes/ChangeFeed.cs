using System.Runtime.CompilerServices;
using Edge.Core.Basics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Edge.Data.Changes;

/// <summary>
/// What anyone changes in the database, psql included, as this instance hears of it: one connection of its own that listens, made again for
/// ever when it is lost. 0003_changes.sql is the other half: what writers send, and why most of it need not go through NOTIFY.
///
/// <para><b>What holds.</b> A change that commits is in a later batch, or a later batch is a gap. So who acts on batches in their order keeps
/// nothing that was read before a change it has been told of, and misses none: a gap says that anything may have changed. There is one at the
/// start (whatever is kept was read before anybody listened here) and one after each reconnect, as the first batch, when LISTEN is in effect:
/// what commits earlier is covered by the gap, what commits later is heard. A read that starts after a batch came sees what the batch tells
/// of, on this server; a replica may be behind it.</para>
///
/// <para><b>Whose gap it is.</b> Instances share what they make of changes (a second level), and a change that one of them has heard need not
/// be feared by all: else each start of an instance would have all instances load everything anew. So a gap is <i>covered</i> if, when LISTEN
/// had come into effect, an older session of the same group, database and user was there (pg_stat_activity; the order is that of
/// backend_start, then pid). That one has heard what commits while it listens, and what committed earlier is its own gap: covered by a still
/// older one, and so on to the oldest, whose gap is not covered and is everybody's. After a restart of the server exactly the oldest of those
/// that have come back is uncovered. The older one may be dying or hung at that moment, with changes that it never tells. So it must show
/// that it lives: a while later it must have sent a statement since our LISTEN, as feeds do all the time, (6); else a gap follows that is not
/// covered. Not held: what an instance has heard and cannot tell for want of the second level is lost with it if it dies then, and an
/// instance that began to listen after that change cannot know. What it left in the second level lives by its durations.</para>
///
/// <para><b>States.</b></para>
/// <code>
///   Connecting ── LISTEN in effect ──► Listening: gap, then changes ── lost, or no answer in time ──► Connecting
///        └── failed: backoff ──┘                                                 (what was heard is still handed out)
/// </code>
///
/// <para><b>The flow</b>, as numbered in the code:
/// (1) Connect, with jittered backoff, until it succeeds. A connection that was soon lost again counts as a failed attempt.
/// (2) Tell of the gap, covered or not.
/// (3) Listen. The first message after a quiet while ends the wait, and is handed out at once.
/// (4) Later ones are gathered, each row once, until the batch interval has passed: a row that changes a thousand times a second makes
/// twenty batches of one change.
/// (5) In between, have the server send what concurrent writers left in edge_pending_changes: soon after anything was heard (one only leaves
/// a message while another writer is about to send its own), else at the idle interval, since that other one may roll back. The same call
/// shows that the server is there and that the session listens: a link that dies in silence, a server that hangs, a pooler that shares
/// sessions are all noticed.
/// (6) After <see cref="ConfirmIntervals"/> idle intervals, see that who covers our gap has been alive since.
/// </para>
///
/// <para><b>Time until a change is told:</b> at once where writers are few; within the batch interval where they are many; within the idle
/// interval where a transaction left its message and committed long after the one that was to send.</para>
///
/// <para><b>Bounds.</b> <see cref="HeardChanges"/> bounds what is gathered, whatever is sent. A reader that is slow makes the connection wait;
/// what piles up then is the server's queue, which every listener shares and which, full (8 GB), fails writers: so the server is told to drop
/// a listener to which it could not send for <see cref="ChangeFeedOptions.SendTimeoutMs"/>, which is a reconnect and a gap.</para>
///
/// <para>Needs a session of its own, hence a direct connection or a pooler in session mode, and the primary: a standby refuses LISTEN. Where
/// it cannot listen it says so in <see cref="Status"/> and once in the log, and what is cached lives by its durations.</para>
/// </summary>
public sealed partial class ChangeFeed(
    DatabaseOptions database, ChangeFeedOptions options, IEnumerable<string> subjects, TimeProvider clock, Random random, ILogger<ChangeFeed> log)
{
    /// <summary>Idle intervals from a covered gap until the older feed must have shown a sign of life, of which there is one in each.</summary>
    const int ConfirmIntervals = 4;

    readonly HeardChanges _heard = new(subjects);
    readonly Backoff _backoff = new(random, options.BackoffBaseMs, options.BackoffMaxMs);

    // Replaced as a whole, so that a reader of the status never sees a mixture.
    volatile Link _link = new(IsListening: false, Since: null, Problem: null);
    long _connections;
    long _gaps;
    long _batches;
    long _changes;

    // Timestamps of the clock.
    long _flushAt;
    long _batchAt;
    long _confirmAt;
    bool _isLost;

    sealed record Link(bool IsListening, DateTimeOffset? Since, string? Problem);

    public ChangeFeedStatus Status
    {
        get
        {
            var link = _link;
            return new(
                link.IsListening, link.Since, link.Problem, Volatile.Read(ref _connections), Volatile.Read(ref _gaps), Volatile.Read(ref _batches),
                Volatile.Read(ref _changes), _heard.Ignored, _heard.Malformed);
        }
    }

    /// <summary>Batches, the first a gap, until cancelled (OperationCanceledException). For one reader.</summary>
    public async IAsyncEnumerable<ChangeBatch> Read([EnumeratorCancellation] CancellationToken cancelled)
    {
        await using var source = ChangeSession.SourceOf(database, options);
        _link = new(IsListening: false, clock.GetUtcNow(), Problem: null);
        var pause = TimeSpan.Zero;
        try
        {
            while (true)
            {
                // (1)
                await Task.Delay(pause, clock, cancelled);
                await using var session = await Connect(source, cancelled);
                var since = clock.GetTimestamp();

                // (2) It covers what was heard until now.
                _heard.Take();
                var gap = session.IsCovered ? ChangeBatch.CoveredGap : ChangeBatch.Gap;
                yield return gap;
                Count(gap);

                while (await Next(session, cancelled) is { } batch)
                {
                    yield return batch;
                    // Whoever asks for the next has dealt with this one.
                    Count(batch);
                }
                var isStable = clock.GetElapsedTime(since).TotalMilliseconds >= options.BackoffMaxMs;
                pause = isStable ? _backoff.AfterLoss() : _backoff.AfterFailure();
            }
        }
        finally
        {
            _link = new(IsListening: false, clock.GetUtcNow(), Problem: null);
        }
    }

    async Task<ChangeSession> Connect(NpgsqlDataSource source, CancellationToken cancelled)
    {
        while (true)
        {
            try
            {
                var session = await ChangeSession.Open(source, options, clock, Hear, cancelled);
                _connections++;
                _flushAt = After(options.IdleIntervalMs);
                _batchAt = clock.GetTimestamp();
                _confirmAt = session.IsCovered ? After(ConfirmIntervals * options.IdleIntervalMs) : long.MaxValue;
                _isLost = false;
                if (_link.Problem is not null)
                    LogBack(log, (clock.GetUtcNow() - _link.Since.GetValueOrDefault()).TotalSeconds);
                _link = new(IsListening: true, clock.GetUtcNow(), Problem: null);
                return session;
            }
            catch (Exception failure) when (!cancelled.IsCancellationRequested)
            {
                Lose(failure);
            }
            await Task.Delay(_backoff.AfterFailure(), clock, cancelled);
        }
    }

    /// <summary>The next batch; null when the connection is lost and everything heard on it was handed out.</summary>
    async ValueTask<ChangeBatch?> Next(ChangeSession session, CancellationToken cancelled)
    {
        try
        {
            while (!_isLost)
            {
                var now = clock.GetTimestamp();
                // (5)
                if (now >= _flushAt)
                {
                    _flushAt = After(options.IdleIntervalMs);
                    await session.Flush(cancelled);
                }
                // (6)
                if (now >= _confirmAt)
                {
                    _confirmAt = long.MaxValue;
                    if (!await session.IsStillCovered(cancelled))
                        return ChangeBatch.Gap;
                }
                if (_heard.Any && now >= _batchAt)
                    break;
                // (3), (4)
                var until = _heard.Any ? Math.Min(_flushAt, _batchAt) : Math.Min(_flushAt, _confirmAt);
                await session.Hear(clock.GetElapsedTime(now, until), untilFirst: !_heard.Any, cancelled);
            }
        }
        catch (Exception failure) when (!cancelled.IsCancellationRequested)
        {
            _isLost = true;
            Lose(failure);
        }
        _batchAt = After(options.BatchIntervalMs);
        return _heard.Any ? _heard.Take() : null;
    }

    void Hear(string message)
    {
        var malformed = _heard.Malformed;
        _heard.Hear(message);
        if (malformed == 0 && _heard.Malformed > 0)
            LogMalformed(log);
        _flushAt = Math.Min(_flushAt, After(options.BatchIntervalMs));
    }

    void Count(ChangeBatch batch)
    {
        _batches++;
        _changes += batch.Changes.Count;
        if (batch.IsGap)
            _gaps++;
    }

    void Lose(Exception failure)
    {
        // Not the failure's own words, which hold addresses.
        var problem = failure switch
        {
            TimeoutException => "no answer in time",
            NotListeningException => "the session does not keep LISTEN: connect directly, or through a pooler in session mode",
            _ => DatabaseFailures.Classify(failure).ToString(),
        };
        // Once per outage, however many attempts fail.
        if (_link.Problem is null)
            LogLost(log, problem);
        _link = new(IsListening: false, _link.IsListening ? clock.GetUtcNow() : _link.Since, problem);
    }

    long After(int ms) => clock.GetTimestamp() + (long)(ms * (clock.TimestampFrequency / 1000.0));

    [LoggerMessage(1, LogLevel.Warning, "Changes of the database go unheard ({Problem}); tries to listen again until it works", EventName = "ChangesUnheard")]
    static partial void LogLost(ILogger log, string problem);

    [LoggerMessage(2, LogLevel.Information, "Changes of the database are heard again after {Seconds:0.0} s; what was cached before is revalidated",
        EventName = "ChangesHeard")]
    static partial void LogBack(ILogger log, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "A message on the channel of changes made no sense: everything cached is revalidated. Told once, counted on",
        EventName = "ChangeMalformed")]
    static partial void LogMalformed(ILogger log);
}
