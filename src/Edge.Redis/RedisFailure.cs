namespace Edge.Redis;

/// <summary>Why a command has no reply to give.</summary>
public enum RedisFailureKind
{
    /// <summary>Redis answered with an error; <see cref="RedisFailure.Code"/> is its first word. The connection is fine.</summary>
    Server,

    /// <summary>
    /// Bytes that are no RESP (the connection is closed), or a well-formed reply of a type that the command does not have
    /// (the connection goes on).
    /// </summary>
    Protocol,

    /// <summary>The command's deadline passed. A reply that still comes is drained and dropped.</summary>
    Timeout,

    /// <summary>The connection ended while the command was waiting.</summary>
    ConnectionLost,

    /// <summary>The in-flight limit or the limit of unsent bytes is reached; nothing was queued.</summary>
    QueueFull,

    /// <summary>There is no connection, and none is expected within a moment.</summary>
    NotConnected,
}

/// <summary>An expected failure, as a value. It carries a text for the log only: what a client is told is the caller's decision.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="MayHaveRun">
/// False is a proof: Redis has not run the command, and will not. True: it may have run, in full or (a script) in part.
/// </param>
/// <param name="InternalText">For the log. Names no key, no value and no secret; a server error is cut to 200 characters.</param>
/// <param name="Code">First word of a server error, such as WRONGTYPE; empty for the other kinds.</param>
public sealed record RedisFailure(RedisFailureKind Kind, bool MayHaveRun, string InternalText, string Code = "")
{
    const int MaxServerTextLength = 200;

    // Refusals that Redis makes before it runs anything, even of a script. Other errors of a script may come from its middle.
    static readonly string[] RefusedBeforeRunning =
        ["NOSCRIPT", "LOADING", "BUSY", "NOAUTH", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN"];

    /// <param name="text">The error line without its marker.</param>
    /// <param name="isScript">A script may have written before it failed; a plain command that fails has done nothing.</param>
    internal static RedisFailure Server(string text, bool isScript)
    {
        var code = CodeOf(text);
        var mayHaveRun = isScript && Array.IndexOf(RefusedBeforeRunning, code) < 0;
        return new(RedisFailureKind.Server, mayHaveRun, "redis answered: " + Printable(text), code);
    }

    internal static string CodeOf(string text)
    {
        var end = text.IndexOf(' ');
        var word = end < 0 ? text : text[..end];
        return word.Length is > 0 and <= 32 && word.AsSpan().IndexOfAnyExceptInRange('A', 'Z') < 0 ? word : "ERR";
    }

    static string Printable(string text)
    {
        var cut = text.Length > MaxServerTextLength ? text[..MaxServerTextLength] : text;
        return string.Create(cut.Length, cut, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }
}
