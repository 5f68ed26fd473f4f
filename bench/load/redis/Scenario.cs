namespace Edge.RedisLoad;

/// <summary>How the client issues what redis-benchmark pipelines.</summary>
enum Shape
{
    /// <summary>One caller that sends a batch and awaits all of it, as redis-benchmark does.</summary>
    Batch,

    /// <summary>Independent callers, one command each, sharing the connection: what a service does.</summary>
    Callers,
}

/// <summary>One line of the table. Clients: connections of redis-benchmark; ours is always one.</summary>
sealed record Scenario(string Command, int PayloadBytes, Shape Shape, int Width, int Clients, int Pipeline)
{
    public static readonly Scenario[] All =
    [
        new("PING", 0, Shape.Callers, 1, 1, 1),
        new("GET", 64, Shape.Batch, 64, 1, 64),
        new("GET", 64, Shape.Callers, 64, 1, 64),
        new("SET", 64, Shape.Batch, 64, 1, 64),
        new("SET", 64, Shape.Callers, 64, 1, 64),
        new("GET", 4096, Shape.Batch, 64, 1, 64),
        new("GET", 4096, Shape.Callers, 64, 1, 64),
        new("SET", 4096, Shape.Callers, 64, 1, 64),
        new("GET", 64, Shape.Callers, 64, 64, 1),
    ];

    public string Name => $"{Command} {PayloadBytes} B";

    public string Ours => Shape == Shape.Batch ? $"batches of {Width}" : $"{Width} caller{(Width == 1 ? "" : "s")}";

    public string Theirs => $"-c {Clients} -P {Pipeline}";
}
