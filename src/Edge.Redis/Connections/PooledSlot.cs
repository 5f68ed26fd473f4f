using System.Threading.Tasks.Sources;
using Edge.Redis.Protocol;

namespace Edge.Redis.Connections;

/// <summary>
/// A caller's command. It is itself the source of the ValueTask that the caller awaits, and is used again afterwards, so a
/// command allocates nothing but its result. Continuations run on the thread pool, never on the read loop, which serves
/// everybody.
/// </summary>
sealed class PooledSlot<T> : CommandSlot, IValueTaskSource<RedisResult<T>>
{
    // Enough for a burst of the default in-flight limit to come and go without garbage.
    const int MaxPooled = 8_192;

    static readonly Lock Gate = new();
    static PooledSlot<T>? s_free;
    static int s_freeCount;

    ManualResetValueTaskSourceCore<RedisResult<T>> _core = new() { RunContinuationsAsynchronously = true };
    CancellationTokenRegistration _cancellation;
    RedisReplyReader<T> _reader;
    PooledSlot<T>? _nextFree;

    /// <summary>Of this command. It ends before its caller is answered: after that the slot may be another's.</summary>
    public CommandObservation Observation { private get; set; }

    PooledSlot(RedisReplyReader<T> reader)
        : base(owners: 2) => _reader = reader;

    public static PooledSlot<T> Rent(RedisReplyReader<T> reader)
    {
        PooledSlot<T>? slot;
        lock (Gate)
        {
            slot = s_free;
            if (slot is not null)
            {
                s_free = slot._nextFree;
                s_freeCount--;
            }
        }

        if (slot is null) return new PooledSlot<T>(reader);
        slot._nextFree = null;
        slot._reader = reader;
        slot.Prepare(owners: 2);
        return slot;
    }

    /// <summary>For a command that was not queued after all.</summary>
    public void Discard()
    {
        Release();
        Release();
    }

    public ValueTask<RedisResult<T>> Wait(CancellationToken cancel)
    {
        if (cancel.CanBeCanceled)
        {
            _cancellation = cancel.UnsafeRegister(
                static (state, token) =>
                {
                    var slot = (PooledSlot<T>)state!;
                    if (!slot.TryClaim()) return;
                    slot.Observation.End(RedisOutcome.Cancelled);
                    slot._core.SetException(new OperationCanceledException(token));
                },
                this);
        }

        return new ValueTask<RedisResult<T>>(this, _core.Version);
    }

    public override void Complete(ref RespReader reply)
    {
        bool understood;
        T? value;
        try
        {
            understood = _reader(ref reply, out value);
        }
        catch (Exception fault)
        {
            // A caller's reader that throws is that caller's fault; the connection and the others go on.
            Observation.End(RedisOutcome.Protocol);
            _core.SetException(fault);
            return;
        }

        Observation.End(understood ? RedisOutcome.Ok : RedisOutcome.Protocol);
        _core.SetResult(understood ? new RedisResult<T>(value!) : new RedisResult<T>(Failures.UnexpectedReply));
    }

    public override void Fail(RedisFailure failure)
    {
        Observation.End(RedisOutcomes.Of(failure.Kind));
        _core.SetResult(new RedisResult<T>(failure));
    }

    RedisResult<T> IValueTaskSource<RedisResult<T>>.GetResult(short token)
    {
        // Waits for a cancellation that is running right now (it only claims and hands on), so that it cannot meet the slot's
        // next command.
        _cancellation.Dispose();
        _cancellation = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<RedisResult<T>>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<RedisResult<T>>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected override void Recycle()
    {
        _core.Reset();
        Observation = default;
        lock (Gate)
        {
            if (s_freeCount == MaxPooled) return;
            _nextFree = s_free;
            s_free = this;
            s_freeCount++;
        }
    }
}
