namespace Edge.Data;

/// <summary>How to reach Postgres and how much of it to use. Made by the settings reader, which has checked every value.</summary>
public sealed record DatabaseOptions
{
    /// <summary>Host name, address, or the folder of a Unix socket (starts with <c>/</c>).</summary>
    public required string Host { get; init; }

    /// <summary>TCP port, or the number in the socket's file name. Default 5432.</summary>
    public int Port { get; init; } = 5432;

    public required string Name { get; init; }

    public required string User { get; init; }

    /// <summary>Null where the server asks for none (peer or trust authentication). Never logged.</summary>
    public string? Password { get; init; }

    /// <summary>libpq's sslmode: disable, allow, prefer (default), require, verify-ca, verify-full.</summary>
    public string SslMode { get; init; } = "prefer";

    /// <summary>Path of the certificate authority's file for verify-ca and verify-full. Null: the system's store.</summary>
    public string? SslRootCertificate { get; init; }

    /// <summary>Connections kept open while idle. Default 0: boot never waits for the database. Range 0 to <see cref="MaxConnections"/>.</summary>
    public int MinConnections { get; init; }

    /// <summary>Most connections at once. Default 20. Range 1–1000. Instances × this must stay below the server's max_connections.</summary>
    public int MaxConnections { get; init; } = 20;

    /// <summary>Seconds to wait for a new connection, or for a free one of a full pool. Default 5. Range 1–300.</summary>
    public int ConnectionTimeoutSeconds { get; init; } = 5;

    /// <summary>Seconds a statement may run before Postgres cancels it. Default 10. Range 1–86400.</summary>
    public int CommandTimeoutSeconds { get; init; } = 10;

    /// <summary>What metrics call the pool: the default would be its connection string.</summary>
    public string PoolName { get; init; } = "primary";

    /// <summary>Shown in pg_stat_activity.</summary>
    public string ApplicationName { get; init; } = "edge";
}
