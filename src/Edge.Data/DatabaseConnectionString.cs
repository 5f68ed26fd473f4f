using Npgsql;

namespace Edge.Data;

/// <summary>Turns <see cref="DatabaseOptions"/> into Npgsql's settings, with the reason for each that is not its default.</summary>
internal static class DatabaseConnectionString
{
    /// <summary>Distinct statements kept prepared per connection. Far above the number of queries in the binary.</summary>
    const int MaxPreparedStatements = 256;

    const int TcpKeepAliveSeconds = 30;
    const int TcpKeepAliveIntervalSeconds = 5;

    public static NpgsqlConnectionStringBuilder From(DatabaseOptions options)
    {
        // A socket has no peer to lose, and Linux refuses the options of TCP on it. Nor is there TLS: a server refuses it there, so that libpq does not ask.
        var isSocket = options.Host.StartsWith('/');
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Name,
            Username = options.User,
            Password = options.Password,
            ApplicationName = options.ApplicationName,
            SslMode = isSocket ? SslMode.Disable : SslModeOf(options.SslMode),
            RootCertificate = options.SslRootCertificate,
            MinPoolSize = options.MinConnections,
            MaxPoolSize = options.MaxConnections,
            Timeout = options.ConnectionTimeoutSeconds,
            // Whoever waits has a deadline of its own, see Deadlines: Npgsql's blocks a thread where the server is silent.
            CommandTimeout = 0,
            // In the startup packet, so that no connection ever runs without it and none pays a round trip for it.
            Options = $"-c statement_timeout={options.CommandTimeoutSeconds}s",
            MaxAutoPrepare = MaxPreparedStatements,
            AutoPrepareMinUsages = 2,
            // The default sends eight reset statements with the first query of each use. Nothing here changes a session:
            // settings and advisory locks are those of a transaction; who needs LISTEN or SET makes a connection of its own.
            NoResetOnClose = true,
            // A dead peer is found by the kernel. Npgsql's own keepalive costs a lock per command.
            TcpKeepAlive = !isSocket,
            TcpKeepAliveTime = isSocket ? 0 : TcpKeepAliveSeconds,
            TcpKeepAliveInterval = isSocket ? 0 : TcpKeepAliveIntervalSeconds,
            // No ambient System.Transactions, so no look-up on each open.
            Enlist = false,
            // Kerberos is not in a native binary; the default would ask each new connection for it.
            GssEncryptionMode = GssEncryptionMode.Disable,
        };
        return settings;
    }

    static SslMode SslModeOf(string sslMode) => sslMode switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new ArgumentOutOfRangeException(nameof(sslMode), sslMode, "Not one of libpq's modes."),
    };
}
