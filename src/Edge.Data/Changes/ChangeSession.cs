using Npgsql;

namespace Edge.Data.Changes;

/// <summary>
/// One connection that listens. Whatever fails on it is thrown and is its end; <see cref="TimeoutException"/> where the server took too long.
/// Not thread-safe: <c>hear</c> is called within <see cref="Hear"/> and <see cref="Flush"/>.
/// </summary>
internal sealed class ChangeSession : IAsyncDisposable
{
    const string Channel = "edge_changes";

    /// <summary>A server counts the connection as lost when it cannot send for this long: a listener that hangs must not fill its queue.</summary>
    const int ServerSendTimeoutMs = 30_000;

    readonly NpgsqlConnection _connection;
    readonly NpgsqlCommand _flush;
    readonly TimeProvider _clock;
    readonly TimeSpan _answerTimeout;

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
        var settings = DatabaseConnectionString.From(database with { ApplicationName = database.ApplicationName + "-changes" });
        settings.Pooling = false;
        settings.MinPoolSize = 0;
        settings.MaxAutoPrepare = 0;
        settings.Options = $"-c statement_timeout={options.AnswerTimeoutMs} -c tcp_user_timeout={ServerSendTimeoutMs}";
        // Our own deadlines end a statement; to ask a server that does not answer to cancel it would take as long again.
        settings.CommandTimeout = 0;
        settings.CancellationTimeout = -1;
        return Database.Build(settings, null);
    }

    /// <summary>Returns when LISTEN is in effect: every transaction that commits from now on is heard.</summary>
    public static Task<ChangeSession> Open(
        NpgsqlDataSource source, ChangeFeedOptions options, TimeProvider clock, Action<string> hear, CancellationToken cancelled)
    {
        var answerTimeout = TimeSpan.FromMilliseconds(options.AnswerTimeoutMs);
        return Within(answerTimeout, clock, cancelled, async deadline =>
        {
            var connection = await source.OpenConnectionAsync(deadline);
            try
            {
                var session = new ChangeSession(connection, clock, answerTimeout);
                connection.Notification += (_, message) => hear(message.Payload);
                await using var listen = new NpgsqlCommand($"listen {Channel}", connection);
                await listen.ExecuteNonQueryAsync(deadline);
                await session._flush.PrepareAsync(deadline);
                await session.Ask(deadline);
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
            do
            {
                // Ended by its token it leaves the connection as it was.
                await _connection.WaitAsync(either.Token);
            }
            while (!untilFirst);
        }
        catch (OperationCanceledException) when (timeUp.IsCancellationRequested)
        {
            cancelled.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Has the server send what concurrent writers left for it, and prove that it is there and that this session still listens.</summary>
    public Task Flush(CancellationToken cancelled) => Within(_answerTimeout, _clock, cancelled, async deadline =>
    {
        await Ask(deadline);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _flush.DisposeAsync();
        await _connection.DisposeAsync();
    }

    async Task Ask(CancellationToken deadline)
    {
        await using var answer = await _flush.ExecuteReaderAsync(deadline);
        await answer.ReadAsync(deadline);
        if (!answer.GetBoolean(1))
            throw new NotListeningException();
    }

    static async Task<T> Within<T>(TimeSpan time, TimeProvider clock, CancellationToken cancelled, Func<CancellationToken, Task<T>> work)
    {
        using var timeUp = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, cancelled);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }
}

/// <summary>The session that answers is not the one that LISTEN was sent to.</summary>
internal sealed class NotListeningException : Exception;
