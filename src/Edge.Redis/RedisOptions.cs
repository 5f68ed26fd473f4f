using System.Text;

namespace Edge.Redis;

/// <summary>How to reach Redis and how much to ask of it. Usually made by <see cref="RedisUrl"/>.</summary>
public sealed record RedisOptions
{
    /// <summary>Host name or address. Default 127.0.0.1. Not used with <see cref="UnixSocketPath"/>.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port. Default 6379. Range 1–65535.</summary>
    public int Port { get; init; } = 6379;

    /// <summary>Path of a Unix socket. Null (default): TCP.</summary>
    public string? UnixSocketPath { get; init; }

    /// <summary>Encrypt, and check the certificate against <see cref="Host"/>. Default false. Not for Unix sockets.</summary>
    public bool UseTls { get; init; }

    /// <summary>PEM file of the authority to trust instead of the system's store. Null (default): the system's store.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>ACL user. Null (default): the user "default".</summary>
    public string? User { get; init; }

    /// <summary>Null (default): no login. Never logged, never part of a text of this library.</summary>
    public string? Password { get; init; }

    /// <summary>Number of the database. Default 0. Range 0 to what the server has, 16 unless configured.</summary>
    public int Database { get; init; }

    /// <summary>Shown in CLIENT LIST. Default "edge". Printable ASCII without spaces, at most 64 characters. Empty: none is set.</summary>
    public string ClientName { get; init; } = "edge";

    /// <summary>
    /// Milliseconds a command may take, queueing and connecting included, where the call gives no other deadline. Default 500.
    /// Range 1–60,000. Kept to within 20 ms.
    /// </summary>
    public int CommandTimeoutMs { get; init; } = 500;

    /// <summary>Milliseconds for one attempt to connect: name, socket, TLS and login. Default 2,000. Range 10–60,000.</summary>
    public int ConnectTimeoutMs { get; init; } = 2_000;

    /// <summary>
    /// Milliseconds without a single byte while a command that was sent has no reply, after which the connection is declared
    /// dead. Default 2,000. Range 50–600,000. Must exceed the longest script: Redis says nothing while one runs.
    /// </summary>
    public int SilenceTimeoutMs { get; init; } = 2_000;

    /// <summary>
    /// Milliseconds of idleness after which a PING is sent, so that a link that died quietly is noticed (within this plus
    /// <see cref="SilenceTimeoutMs"/>) even if it only listens. Default 5,000. Range 100–600,000.
    /// </summary>
    public int KeepAliveMs { get; init; } = 5_000;

    /// <summary>
    /// Milliseconds before the second attempt to connect, doubled at each further one, jittered. Default 50. Range 1–10,000.
    /// </summary>
    public int BackoffBaseMs { get; init; } = 50;

    /// <summary>
    /// Most milliseconds between attempts, and what a connection must live to count as stable. Default 1,000. Range
    /// <see cref="BackoffBaseMs"/>–60,000.
    /// </summary>
    public int BackoffMaxMs { get; init; } = 1_000;

    /// <summary>
    /// Most commands queued or waiting for their reply; one more fails with QueueFull. Default 8,192. Range 1–1,048,576.
    /// </summary>
    public int MaxInFlight { get; init; } = 8_192;

    /// <summary>
    /// Most bytes of commands not yet handed to the socket. Default 16 MiB. Range 4 KiB–512 MiB. Bounds a single command too.
    /// </summary>
    public int MaxQueuedBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Most bytes of one reply; a larger one is a protocol error. Default 64 MiB. Range 1 KiB–1 GiB.</summary>
    public long MaxReplyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>The address as it may be logged: no user, no password.</summary>
    public string Endpoint => UnixSocketPath is not null ? "unix:" + UnixSocketPath
        : $"{(UseTls ? "rediss" : "redis")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}/{Database}";

    /// <summary>Every mistake, each with its key and the fix. Empty: none.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (UnixSocketPath is null && string.IsNullOrWhiteSpace(Host)) problems.Add("Host is empty; set it, or UnixSocketPath.");
        if (UnixSocketPath is not null && UseTls) problems.Add("UseTls does not go with UnixSocketPath; leave one of them out.");
        if (User is not null && Password is null) problems.Add("User is set without Password; set both, or none.");
        if (ClientName.Length > 64 || ClientName.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
            problems.Add("ClientName must be at most 64 printable ASCII characters without spaces.");
        Check(nameof(Port), Port, 1, 65_535);
        Check(nameof(Database), Database, 0, int.MaxValue);
        Check(nameof(CommandTimeoutMs), CommandTimeoutMs, 1, 60_000);
        Check(nameof(ConnectTimeoutMs), ConnectTimeoutMs, 10, 60_000);
        Check(nameof(SilenceTimeoutMs), SilenceTimeoutMs, 50, 600_000);
        Check(nameof(KeepAliveMs), KeepAliveMs, 100, 600_000);
        Check(nameof(BackoffBaseMs), BackoffBaseMs, 1, 10_000);
        Check(nameof(BackoffMaxMs), BackoffMaxMs, 1, 60_000);
        if (BackoffMaxMs < BackoffBaseMs)
            problems.Add($"BackoffMaxMs ({BackoffMaxMs}) is below BackoffBaseMs ({BackoffBaseMs}); raise it, or lower the other.");
        Check(nameof(MaxInFlight), MaxInFlight, 1, 1_048_576);
        Check(nameof(MaxQueuedBytes), MaxQueuedBytes, 4 * 1024, 512 * 1024 * 1024);
        Check(nameof(MaxReplyBytes), MaxReplyBytes, 1024, 1024 * 1024 * 1024);
        return problems;

        void Check(string key, long value, long least, long most)
        {
            if (value < least || value > most) problems.Add($"{key} is {value}; set it between {least} and {most}.");
        }
    }

    // The compiler's own would print the password.
    bool PrintMembers(StringBuilder text)
    {
        text.Append("Endpoint = ").Append(Endpoint);
        return true;
    }
}
