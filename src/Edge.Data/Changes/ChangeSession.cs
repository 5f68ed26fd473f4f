using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Edge.Data.Changes;

/// <summary>
/// One connection that listens. Whatever fails on it is thrown and is its end; <see cref="TimeoutException"/> where the server took too long.
/// Not thread-safe: <c>hear</c> is called within <see cref="Hear"/> and <see cref="Flush"/>, or, should one of these be late, on another thread
/// until the session is disposed.
/// </summary>
internal sealed class ChangeSession : IAsyncDisposable
{
    const string Channel = "edge_changes";

    /// <summary>Postgres cuts application_name to 63 bytes: what tells groups apart must be within.</summary>
    const int NameChars = 30;

    // Session of the same user only: those of others are hidden. $1: a moment since which it must have been active; null: it need not.
    const string Cover =
        """
        select exists (
            select from pg_stat_activity as older, pg_stat_activity as own
            where own.pid = pg_backend_pid() and (older.backend_start, older.pid) < (own.backend_start, own.pid)
            and (older.application_name, older.datid, older.usesysid) = (own.application_name, own.datid, own.usesysid)
            and ($1::timestamptz is null or older.query_start > $1)), clock_timestamp()
        """;

    // Npgsql loses a cancellation that comes while it prepares the read (its buffer then resets the source that was just cancelled), and a wait
    // without a timeout would go on until the next message: neither a server that hangs nor the end of the process would be noticed.
    static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    readonly NpgsqlConnection _connection;
    readonly NpgsqlCommand _flush;
    readonly TimeProvider _clock;
    readonly TimeSpan _answerTimeout;
    Task _asked = Task.CompletedTask;
    volatile bool _isOver;
    DateTime _listeningSince;

    ChangeSession(NpgsqlConnection connection, TimeProvider clock, TimeSpan answerTimeout)
    {
        _connection = connection;
        _clock = clock;
        _answerTimeout = answerTimeout;
        // Asked each time, since nothing else would tell of a pooler between here and the server that gives each statement another session.
        _flush = new NpgsqlCommand(
            $"select edge_flush_changes(), exists (select from pg_listening_channels() as channel where channel = '{Channel}')", connection);
    }

    /// <summary>Connections outside of any pool: one that listens is never free for anything else.</summary>
    public static NpgsqlDataSource SourceOf(DatabaseOptions database, ChangeFeedOptions options)
    {
        var settings = DatabaseConnectionString.From(database with { ApplicationName = NameOf(database, options) });
        settings.Pooling = false;
        settings.MinPoolSize = 0;
        settings.MaxAutoPrepare = 0;
        // A role or database may have other defaults, under which a flush would fail beside another one, or altogether.
        settings.Options = $"-c statement_timeout={options.AnswerTimeoutMs} -c tcp_user_timeout={options.SendTimeoutMs} "
            + @"-c default_transaction_isolation=read\ committed -c default_transaction_read_only=off";
        return Database.Build(settings, database.PoolName, null);
    }

    static string NameOf(DatabaseOptions database, ChangeFeedOptions options)
    {
        var name = database.ApplicationName[..Math.Min(NameChars, database.ApplicationName.Length)] + "-changes";
        return options.Group == "" ? name : $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.Group)).AsSpan(0, 8))}";
    }

    /// <summary>When LISTEN had come into effect, an older session of the same group was there.</summary>
    public bool IsCovered { get; private set; }

    /// <summary>Returns when LISTEN is in effect: every transaction that commits from now on is heard.</summary>
    public static Task<ChangeSession> Open(
        NpgsqlDataSource source, ChangeFeedOptions options, TimeProvider clock, Action<string> hear, CancellationToken cancelled)
    {
        var answerTimeout = TimeSpan.FromMilliseconds(options.AnswerTimeoutMs);
        return Within(answerTimeout, clock, cancelled, async isAbandoned =>
        {
            var connection = await source.OpenConnectionAsync(CancellationToken.None);
            try
            {
                var session = new ChangeSession(connection, clock, answerTimeout);
                connection.Notification += (_, message) =>
                {
                    if (!session._isOver && !isAbandoned())
                        hear(message.Payload);
                };
                await using var listen = new NpgsqlCommand($"listen {Channel}", connection);
                await listen.ExecuteNonQueryAsync(CancellationToken.None);
                await session._flush.PrepareAsync(CancellationToken.None);
                await session.Ask();
                (session.IsCovered, session._listeningSince) = await session.AskCover(null);
                return session;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        });
    }

    /// <summary>Hears for the given time, or, where asked, until something has come.</summary>
    public async Task Hear(TimeSpan time, bool untilFirst, CancellationToken cancelled)
    {
        using var timeUp = new CancellationTokenSource(time, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, cancelled);
        try
        {
            // Ended by its token, or by the pulse, it leaves the connection as it was.
            while (!await _connection.WaitAsync(Pulse, either.Token) || !untilFirst)
                either.Token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (timeUp.IsCancellationRequested)
        {
            cancelled.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Has the server send what concurrent writers left for it, and prove that it is there and that this session still listens.</summary>
    public Task Flush(CancellationToken cancelled) => Asking(Ask, cancelled);

    /// <summary>An older session of the same group has been active since LISTEN came into effect here.</summary>
    public async Task<bool> IsStillCovered(CancellationToken cancelled) =>
        (await Asking(() => AskCover(_listeningSince), cancelled)).IsCovered;

    public ValueTask DisposeAsync()
    {
        _isOver = true;
        var closed = Close();
        // What was abandoned ends by itself, see Within; nobody need wait for it.
        return _asked.IsCompleted ? new(closed) : ValueTask.CompletedTask;
    }

    async Task Close()
    {
        await _asked.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _flush.DisposeAsync();
        await _connection.DisposeAsync();
    }

    Task<T> Asking<T>(Func<Task<T>> ask, CancellationToken cancelled) => Within(_answerTimeout, _clock, cancelled, _ =>
    {
        var asked = ask();
        _asked = asked;
        return asked;
    });

    async Task<(bool IsCovered, DateTime Now)> AskCover(DateTime? since)
    {
        await using var command = new NpgsqlCommand(Cover, _connection);
        command.Parameters.Add(new() { Value = since is { } moment ? moment : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        await using var answer = await command.ExecuteReaderAsync(CancellationToken.None);
        await answer.ReadAsync(CancellationToken.None);
        return (answer.GetBoolean(0), answer.GetDateTime(1));
    }

    async Task<bool> Ask()
    {
        await using var answer = await _flush.ExecuteReaderAsync(CancellationToken.None);
        await answer.ReadAsync(CancellationToken.None);
        if (!answer.GetBoolean(1))
            throw new NotListeningException();
        return answer.GetBoolean(0);
    }

    /// <summary>
    /// Ends on time. Npgsql does not: told to cancel a command it asks the server to, over a new connection and blocking the thread of whoever
    /// cancels, for the whole connection timeout where the server is silent; threads that the requests need. So nothing is cancelled, and the
    /// work is left to end by itself: when the server answers after all, when the kernel finds the link dead, or, while connecting, by the
    /// connection timeout. That is at most one command, and as many attempts to connect as begin within the connection timeout.
    /// </summary>
    /// <param name="work">It is told whether it has been left.</param>
    static async Task<T> Within<T>(TimeSpan time, TimeProvider clock, CancellationToken cancelled, Func<Func<bool>, Task<T>> work)
    {
        var isAbandoned = false;
        var working = work(() => Volatile.Read(ref isAbandoned));
        try
        {
            return await working.WaitAsync(time, clock, cancelled);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            Volatile.Write(ref isAbandoned, true);
            _ = Abandon(working);
            throw;
        }
    }

    static async Task Abandon<T>(Task<T> working)
    {
        try
        {
            if (await working is ChangeSession late)
                await late.DisposeAsync();
        }
        catch (Exception)
        {
            // Its failure is what it was abandoned for.
        }
    }
}

/// <summary>The session that answers is not the one that LISTEN was sent to.</summary>
internal sealed class NotListeningException : Exception;
