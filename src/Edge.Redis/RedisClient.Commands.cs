using Edge.Redis.Connections;

namespace Edge.Redis;

/// <summary>When SET writes.</summary>
public enum RedisSetCondition
{
    Always,

    /// <summary>NX: only where the key does not exist.</summary>
    IfAbsent,

    /// <summary>XX: only where it does.</summary>
    IfPresent,
}

// Every command ends in (cancel, timeoutMs). timeoutMs: this call's deadline in milliseconds; 0 takes CommandTimeoutMs.
public sealed partial class RedisClient
{
    static readonly RedisArg s_px = "PX"u8.ToArray();
    static readonly RedisArg s_nx = "NX"u8.ToArray();
    static readonly RedisArg s_xx = "XX"u8.ToArray();
    static readonly RedisArg s_get = "GET"u8.ToArray();
    static readonly RedisArg s_set = "SET"u8.ToArray();
    static readonly RedisArg s_mget = "MGET"u8.ToArray();
    static readonly RedisArg s_ping = "PING"u8.ToArray();
    static readonly RedisArg s_scan = "SCAN"u8.ToArray();
    static readonly RedisArg s_time = "TIME"u8.ToArray();
    static readonly RedisArg s_match = "MATCH"u8.ToArray();
    static readonly RedisArg s_count = "COUNT"u8.ToArray();
    static readonly RedisArg s_unlink = "UNLINK"u8.ToArray();
    static readonly RedisArg s_expire = "EXPIRE"u8.ToArray();
    static readonly RedisArg s_incrBy = "INCRBY"u8.ToArray();
    static readonly RedisArg s_pexpire = "PEXPIRE"u8.ToArray();
    static readonly RedisArg s_publish = "PUBLISH"u8.ToArray();
    static readonly RedisArg s_evalSha = "EVALSHA"u8.ToArray();

    /// <summary>True when the server answers. What a health probe asks.</summary>
    public ValueTask<RedisResult<bool>> Ping(CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("PING", new CommandParts([s_ping]), Replies.Pong, cancel, timeoutMs);

    /// <summary>The value as a new array; null if there is none.</summary>
    public ValueTask<RedisResult<byte[]?>> Get(RedisArg key, CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("GET", new CommandParts([s_get, key]), Replies.Bytes, cancel, timeoutMs);

    /// <summary>The value as <paramref name="reader"/> makes it of the bytes in the receive buffer, without a copy between.</summary>
    public ValueTask<RedisResult<T>> Get<T>(
        RedisArg key, RedisReplyReader<T> reader, CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("GET", new CommandParts([s_get, key]), reader, cancel, timeoutMs);

    /// <summary>The values in the order of the keys; null where there is none.</summary>
    public ValueTask<RedisResult<byte[]?[]>> MGet(ReadOnlySpan<RedisArg> keys, CancellationToken cancel = default, int timeoutMs = 0)
    {
        if (keys.IsEmpty) Throw.Argument_NoKeys(nameof(keys));
        return Send("MGET", new CommandParts([s_mget], keys), Replies.ByteArrays, cancel, timeoutMs);
    }

    /// <summary>
    /// True if it was written; false if the condition did not hold. <paramref name="ttlMs"/>: milliseconds until the key
    /// expires; 0: never.
    /// </summary>
    public ValueTask<RedisResult<bool>> Set(
        RedisArg key,
        RedisArg value,
        long ttlMs = 0,
        RedisSetCondition condition = RedisSetCondition.Always,
        CancellationToken cancel = default,
        int timeoutMs = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ttlMs);
        ReadOnlySpan<RedisArg> expiry = ttlMs == 0 ? default : [s_px, ttlMs];
        ReadOnlySpan<RedisArg> when = condition switch
        {
            RedisSetCondition.IfAbsent => [s_nx],
            RedisSetCondition.IfPresent => [s_xx],
            _ => default,
        };
        return Send("SET", new CommandParts([s_set, key, value], expiry, when), Replies.Done, cancel, timeoutMs);
    }

    /// <summary>Number of keys that existed. Redis frees the memory in the background.</summary>
    public ValueTask<RedisResult<long>> Unlink(ReadOnlySpan<RedisArg> keys, CancellationToken cancel = default, int timeoutMs = 0)
    {
        if (keys.IsEmpty) Throw.Argument_NoKeys(nameof(keys));
        return Send("UNLINK", new CommandParts([s_unlink], keys), Replies.Integer, cancel, timeoutMs);
    }

    /// <summary>True if the key exists. Zero or less deletes it.</summary>
    public ValueTask<RedisResult<bool>> Expire(RedisArg key, long seconds, CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("EXPIRE", new CommandParts([s_expire, key, seconds]), Replies.Flag, cancel, timeoutMs);

    /// <summary>True if the key exists. Zero or less deletes it.</summary>
    public ValueTask<RedisResult<bool>> PExpire(RedisArg key, long milliseconds, CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("PEXPIRE", new CommandParts([s_pexpire, key, milliseconds]), Replies.Flag, cancel, timeoutMs);

    /// <summary>
    /// The number after the addition; a missing key counts as 0. Ambiguous when it fails with MayHaveRun: it is not idempotent.
    /// </summary>
    public ValueTask<RedisResult<long>> IncrBy(RedisArg key, long by = 1, CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("INCRBY", new CommandParts([s_incrBy, key, by]), Replies.Integer, cancel, timeoutMs);

    /// <summary>Number of connections that got it.</summary>
    public ValueTask<RedisResult<long>> Publish(
        RedisArg channel, RedisArg payload, CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("PUBLISH", new CommandParts([s_publish, channel, payload]), Replies.Integer, cancel, timeoutMs);

    /// <summary>
    /// One step through the keys. Begin with cursor 0 and go on with the one returned until that is 0.
    /// <paramref name="match"/>: glob pattern; null: every key. <paramref name="count"/>: roughly how many keys the server looks
    /// at in this step.
    /// </summary>
    public ValueTask<RedisResult<RedisScanPage>> Scan(
        ulong cursor,
        string? match = null,
        int count = 100,
        CancellationToken cancel = default,
        int timeoutMs = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ReadOnlySpan<RedisArg> pattern = match is null ? default : [s_match, match];
        return Send("SCAN", new CommandParts([s_scan, cursor.ToString()], pattern, [s_count, count]), Replies.ScanPage, cancel, timeoutMs);
    }

    /// <summary>The server's clock, to the microsecond.</summary>
    public ValueTask<RedisResult<DateTimeOffset>> Time(CancellationToken cancel = default, int timeoutMs = 0) =>
        Send("TIME", new CommandParts([s_time]), Replies.Time, cancel, timeoutMs);

    /// <summary>
    /// Runs a script by its digest. Where the server does not have it, the script is loaded and the command sent once more,
    /// within the same deadline and unseen by the caller.
    /// </summary>
    public ValueTask<RedisResult<T>> Eval<T>(
        RedisScript script,
        ReadOnlySpan<RedisArg> keys,
        ReadOnlySpan<RedisArg> args,
        RedisReplyReader<T> reader,
        CancellationToken cancel = default,
        int timeoutMs = 0) =>
        Send(
            script.Name ?? "EVALSHA",
            new CommandParts([s_evalSha, script.Digest, keys.Length], keys, args),
            reader,
            cancel,
            timeoutMs,
            isScript: true,
            script);

    /// <summary>
    /// Any other command, word by word, verb first. Not for commands that block, that change the state of the connection
    /// (SELECT, MULTI, SUBSCRIBE, MONITOR) or that have no reply: the connection is shared.
    /// </summary>
    public ValueTask<RedisResult<T>> Execute<T>(
        ReadOnlySpan<RedisArg> command,
        RedisReplyReader<T> reader,
        CancellationToken cancel = default,
        int timeoutMs = 0)
    {
        if (command.IsEmpty) Throw.Argument_NoKeys(nameof(command));
        // It may be EVAL or FCALL: an error does not prove that nothing was written.
        return Send("OTHER", new CommandParts(command), reader, cancel, timeoutMs, isScript: true);
    }

    /// <param name="command">For the observer: a constant.</param>
    ValueTask<RedisResult<T>> Send<T>(
        string command,
        scoped in CommandParts parts,
        RedisReplyReader<T> reader,
        CancellationToken cancel,
        int timeoutMs,
        bool isScript = false,
        RedisScript? script = null)
    {
        if (timeoutMs < 0) Throw.ArgumentOutOfRange_Timeout(timeoutMs);
        var now = _time.GetTimestamp();
        var observation = CommandObservation.Start(_observer, command, now);
        if (cancel.IsCancellationRequested)
        {
            observation.End(RedisOutcome.Cancelled);
            return ValueTask.FromCanceled<RedisResult<T>>(cancel);
        }

        var slot = PooledSlot<T>.Rent(reader);
        // A slot that is used again has none.
        if (_observer is not null) slot.Observation = observation;
        slot.QueuedAt = now;
        slot.Deadline = now + (timeoutMs == 0 ? _options.CommandTimeoutMs : timeoutMs) * _ticksPerMs;
        slot.IsScript = isScript;
        slot.Script = script;
        if (_commands.TryEnqueue(slot, parts) is not { } refused) return slot.Wait(cancel);
        slot.Discard();
        observation.End(RedisOutcomes.Of(refused.Kind));
        return ValueTask.FromResult(new RedisResult<T>(refused));
    }
}
