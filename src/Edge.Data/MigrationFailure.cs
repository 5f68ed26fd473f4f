using Npgsql;

namespace Edge.Data;

/// <summary>Turns the server's error into what an operator needs: file, line, the server's words, what to do.</summary>
internal static class MigrationFailure
{
    public static MigrationResult Explain(MigrationFile file, Range statement, PostgresException e)
    {
        // Position counts characters from 1 within the statement; 0 where the server tells none.
        var line = file.LineOf(statement.Start.Value + Math.Max(0, e.Position - 1));
        var message = $"{file.FileName} line {line}: {e.MessageText} (SQLSTATE {e.SqlState})";
        if (e.Detail is not null) message += $"; {e.Detail}";
        if (e.Hint is not null) message += $"; hint: {e.Hint.TrimEnd('.')}";
        // A reader who takes two of our tables in the other order is found by deadlock_timeout, before our wait for the lock is over.
        if (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            return new(MigrationOutcome.TableLocked, [],
                $"{message}: a long query or transaction holds the table; find it in pg_stat_activity, or try again when it has ended");
        if (ExtensionIn(file.Text[statement]) is { } extension) message += Advice(extension, e.SqlState);
        message += file.InTransaction
            ? ". Nothing of this file was kept"
            : ". This file runs outside a transaction: what stands above that line took effect; "
              + "look for an invalid index before trying again";
        return new(MigrationOutcome.Failed, [], message);
    }

    static string Advice(string extension, string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InsufficientPrivilege =>
            $". Ask the administrator to run, in this database: CREATE EXTENSION {extension}; (or: GRANT CREATE ON DATABASE … TO the user of DATABASE_URL)",
        PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported =>
            $". The server lacks the extension {extension}: ask the administrator to install PostgreSQL's contrib package",
        _ => "",
    };

    static string? ExtensionIn(string statement)
    {
        var words = statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || !Is(words[0], "create") || !Is(words[1], "extension")) return null;
        return Is(words[2], "if") && words.Length > 5 ? words[5] : words[2];

        static bool Is(string word, string keyword) => word.Equals(keyword, StringComparison.OrdinalIgnoreCase);
    }
}
