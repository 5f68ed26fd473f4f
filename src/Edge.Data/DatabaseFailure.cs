using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace Edge.Data;

/// <summary>Why the database did not do what was asked, as far as a caller can act on it.</summary>
public enum DatabaseFailure
{
    /// <summary>Anything else: a mistake in a query, a missing table, a full disk.</summary>
    Other,

    /// <summary>No server, a lost connection, a server that starts, stops, has no room, only reads, does not know us or is not trusted. Worth trying later.</summary>
    Unavailable,

    /// <summary>Every connection of the pool stayed busy for the whole connection timeout.</summary>
    PoolExhausted,

    /// <summary>The statement ran, or the answer took, longer than it may.</summary>
    Timeout,

    /// <summary>A unique constraint: the thing exists already.</summary>
    Conflict,

    /// <summary>A foreign key: what it refers to is not there, or is still referred to.</summary>
    ForeignKey,

    /// <summary>A check constraint.</summary>
    Check,

    /// <summary>A table, column or function is missing: the database has not been migrated to this version.</summary>
    Schema,

    /// <summary>A concurrent transaction won, or a deadlock was broken. The whole transaction may be tried again.</summary>
    Serialization,
}

/// <summary>Tells the failures of the database apart.</summary>
public static class DatabaseFailures
{
    const string QueryKey = "edge.query";

    /// <summary>SQLSTATE of idle_session_timeout.</summary>
    const string IdleSessionTimeout = "57P05";

    /// <summary>SQLSTATE of idle_in_transaction_session_timeout.</summary>
    const string IdleInTransactionTimeout = "25P03";

    /// <summary>SQLSTATE of transaction_timeout, which is there from Postgres 17 on.</summary>
    const string TransactionTimeout = "25P04";

    /// <summary>The class of a failure. <see cref="DatabaseFailure.Other"/> for exceptions that are not the database's.</summary>
    public static DatabaseFailure Classify(Exception exception) => exception switch
    {
        PostgresException refusal => Classify(refusal.SqlState),
        NpgsqlException { InnerException: TimeoutException } timeout when IsPoolExhaustion(timeout) => DatabaseFailure.PoolExhausted,
        NpgsqlException { InnerException: TimeoutException } timeout when IsConnecting(timeout) => DatabaseFailure.Unavailable,
        NpgsqlException { InnerException: TimeoutException } => DatabaseFailure.Timeout,
        NpgsqlException { InnerException: NpgsqlException cause } => Classify(cause),
        NpgsqlException { InnerException: IOException or SocketException or AuthenticationException or CryptographicException } => DatabaseFailure.Unavailable,
        NpgsqlException { InnerException: null } refusal when IsOpening(refusal) => DatabaseFailure.Unavailable,
        // Of a name server, before there is a connection that a statement could be late on.
        SocketException or TimeoutException => DatabaseFailure.Unavailable,
        _ when IsOutOfStep(exception) => DatabaseFailure.Unavailable,
        _ => DatabaseFailure.Other,
    };

    /// <summary>
    /// How a query ended, in one of eleven words for the label of a metric: "ok", "cancelled" (by its caller), or the class of its failure as in
    /// "pool_exhausted".
    /// </summary>
    public static string OutcomeOf(Exception? failure) => failure switch
    {
        null => "ok",
        OperationCanceledException => "cancelled",
        _ => Word(Classify(failure)),
    };

    /// <summary>
    /// True if the connection was lost, is of no use, or was refused at once, so that another one may work right away. Timeouts are not: whoever waited
    /// that long should not wait twice. Nor is a server without room (53*) or one that is starting: it gets no better by asking again.
    /// </summary>
    public static bool IsTransientConnection(Exception exception) => exception switch
    {
        PostgresException refusal => IsLostConnection(refusal.SqlState),
        NpgsqlException { InnerException: PostgresException refusal } => IsLostConnection(refusal.SqlState),
        NpgsqlException { InnerException: IOException { InnerException: not TimeoutException } or SocketException } => true,
        _ => IsOutOfStep(exception),
    };

    /// <summary>
    /// The constraint or unique index that refused, where one did: what a handler answers with 409 (or 400) it tells by this name. Meant for
    /// <c>catch (Exception failure) when (DatabaseFailures.ViolatedConstraint(failure) is { } constraint)</c>.
    /// </summary>
    public static string? ViolatedConstraint(Exception exception) =>
        exception is PostgresException refusal && Classify(refusal.SqlState) is DatabaseFailure.Conflict or DatabaseFailure.ForeignKey or DatabaseFailure.Check
            ? refusal.ConstraintName
            : null;

    /// <summary>
    /// True if a row was to belong to a user who is no longer there: someone deleted while their session is still known. Told by the name that
    /// Postgres gives to foreign keys of the columns user_id and author_id.
    /// </summary>
    public static bool IsOwnerGone(Exception exception) =>
        Classify(exception) == DatabaseFailure.ForeignKey && ViolatedConstraint(exception) is { } constraint
        && (constraint.EndsWith("_user_id_fkey", StringComparison.Ordinal) || constraint.EndsWith("_author_id_fkey", StringComparison.Ordinal));

    /// <summary>Its message, with that of its cause where this says more: "Exception while performing SSL handshake" alone tells nobody what to mend.</summary>
    public static string Reason(Exception failure)
    {
        var cause = failure.GetBaseException().Message.TrimEnd('.');
        return failure.Message.Contains(cause, StringComparison.Ordinal) ? failure.Message : $"{failure.Message}: {cause}";
    }

    /// <summary>The name of the query that failed, where a query did.</summary>
    public static string? QueryName(Exception exception) => exception.Data[QueryKey] as string;

    internal static void NoteQuery(Exception exception, Query query) => exception.Data[QueryKey] = query.Name;

    internal static string Word(DatabaseFailure failure) => failure switch
    {
        DatabaseFailure.Unavailable => "unavailable",
        DatabaseFailure.PoolExhausted => "pool_exhausted",
        DatabaseFailure.Timeout => "timeout",
        DatabaseFailure.Conflict => "conflict",
        DatabaseFailure.ForeignKey => "foreign_key",
        DatabaseFailure.Check => "check",
        DatabaseFailure.Schema => "schema",
        DatabaseFailure.Serialization => "serialization",
        _ => "other",
    };

    static DatabaseFailure Classify(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation => DatabaseFailure.Conflict,
        PostgresErrorCodes.ForeignKeyViolation => DatabaseFailure.ForeignKey,
        PostgresErrorCodes.CheckViolation => DatabaseFailure.Check,
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => DatabaseFailure.Serialization,
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or IdleInTransactionTimeout or TransactionTimeout => DatabaseFailure.Timeout,
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction => DatabaseFailure.Schema,
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName
            or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.ReadOnlySqlTransaction => DatabaseFailure.Unavailable,
        _ when IsLostConnection(sqlState) || sqlState.StartsWith("53", StringComparison.Ordinal) => DatabaseFailure.Unavailable,
        _ => DatabaseFailure.Other,
    };

    static bool IsLostConnection(string sqlState) =>
        sqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or IdleSessionTimeout
        || sqlState.StartsWith("08", StringComparison.Ordinal);

    // Npgsql gives both the same types; only the words differ. DatabaseFailureTests holds them against the real thing.
    static bool IsPoolExhaustion(NpgsqlException exception) =>
        exception.Message.Contains("pool has been exhausted", StringComparison.Ordinal);

    // What Npgsql says without a cause it says of a connection that it opens: no TLS there, no password here, no way to log in that both know. The others
    // are bugs, which ask to be reported, and uses of a connection by two at once, which have a type of their own.
    static bool IsOpening(NpgsqlException exception) =>
        exception.GetType() == typeof(NpgsqlException) && !exception.Message.Contains(" bug", StringComparison.Ordinal);

    /// <summary>The server is a standby, or was told to take no writes. Nothing in here begins a transaction that is to read only.</summary>
    internal static bool IsReadOnly(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>
    /// Npgsql took an answer for another and has closed the connection. That comes of a statement that failed when it was bound, in the very use that had it prepared:
    /// Npgsql then knows it as prepared and without columns, and its next use on that connection ends so (10.0.0; LostConnectionTests).
    /// </summary>
    internal static bool IsOutOfStep(Exception exception) =>
        exception.GetType() == typeof(Exception) && exception.Message.StartsWith("Received unexpected backend message", StringComparison.Ordinal);

    internal static bool IsConnecting(Exception exception) =>
        exception is NpgsqlException && exception.Message.StartsWith("Failed to connect", StringComparison.Ordinal);
}
