using System.Diagnostics;

namespace Edge.Redis.Connections;

/// <summary>
/// The commands of one connection, from a little before it exists until it is gone: bytes to send, and slots in the order in
/// which the replies will come.
/// <para>
/// <b>One lock</b> keeps the two orders equal: bytes and slot are appended together. The ring counts with three numbers that
/// only grow: [head, sent) has been handed to the socket and waits for replies, [sent, tail) is still in the buffer. So
/// "may have run" is a comparison, and a command that is given up before it was sent is cut out of the buffer: its "has not
/// run" is a proof.
/// </para>
/// <para>
/// <b>Deadlines</b> are kept by one timer per connection that sweeps the ring every <see cref="TickMs"/> while something is in
/// it, and sleeps otherwise. A timer or a cancellation source per command would cost more than the command; a sweep over a
/// thousand slots costs microseconds, and 10 ms of lateness is nothing to a deadline that guards against an outage. The
/// same tick notices silence and sends the keep-alive.
/// </para>
/// </summary>
sealed class CommandQueue
{
    public const int TickMs = 10;
    const int InitialSlots = 64;

    static readonly RedisArg[] s_ping = ["PING"];

    readonly Lock _gate = new();
    readonly RedisOptions _options;
    readonly TimeProvider _time;
    readonly ITimer _timer;
    readonly long _ticksPerMs;
    readonly WakeSignal _writerWake = new();

    CommandSlot?[] _ring = new CommandSlot?[InitialSlots];
    long _head;
    long _sent;
    long _tail;
    OutputBuffer _filling = new();
    OutputBuffer _sending = new();
    bool _writerSleeps;
    bool _ticking;
    bool _isOpen = true;
    Action? _onSilence;
    long _heardAt;
    long _timeouts;

    public CommandQueue(RedisOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _ticksPerMs = Math.Max(1, time.TimestampFrequency / 1000);
        _timer = time.CreateTimer(static queue => ((CommandQueue)queue!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_gate) return (int)(_tail - _head);
        }
    }

    public long Timeouts => Interlocked.Read(ref _timeouts);

    /// <summary>
    /// Null: queued. Else the reason why not; <see cref="Closed"/> means that this connection is over.
    /// <paramref name="isInternal"/>: a command of the client itself, of which there are few; exempt from the limits.
    /// </summary>
    public RedisFailure? TryEnqueue(CommandSlot slot, scoped in CommandParts parts, bool isInternal = false)
    {
        var bytes = parts.MaxByteCount;
        bool wake;
        lock (_gate)
        {
            if (!_isOpen) return Closed;
            if (!isInternal)
            {
                if (_tail - _head >= _options.MaxInFlight) return Failures.TooManyInFlight;
                if (_filling.Length + bytes > _options.MaxQueuedBytes) return Failures.TooManyBytes;
            }

            var start = _filling.Length;
            _filling.Reserve((int)bytes);
            parts.Write(_filling);
            if (slot.Script is not null) slot.KeepEncoded(_filling.Written.Span[start..]);
            wake = Append_NeedsLock(slot, _filling.Length - start);
        }

        if (wake) _writerWake.Set();
        return null;
    }

    public static readonly RedisFailure Closed = new(RedisFailureKind.ConnectionLost, false, "the connection has just been lost");

    /// <summary>After NOSCRIPT: loads the script and sends the same command once more, behind what is queued now.</summary>
    public bool TryReplay(CommandSlot slot, RedisScript script)
    {
        var load = new CommandParts(["SCRIPT", "LOAD", script.Text]);
        slot.Script = null;
        bool wake;
        lock (_gate)
        {
            if (!_isOpen) return false;
            var start = _filling.Length;
            _filling.Reserve((int)load.MaxByteCount + slot.Encoded.Length);
            load.Write(_filling);
            wake = Append_NeedsLock(new DrainedSlot { QueuedAt = slot.QueuedAt }, _filling.Length - start);
            _filling.Append(slot.Encoded);
            wake |= Append_NeedsLock(slot, slot.Encoded.Length);
        }

        if (wake) _writerWake.Set();
        return true;
    }

    /// <summary>The handshake is done: replies may come, silence counts from now.</summary>
    public void Open(Action onSilence)
    {
        lock (_gate)
        {
            _onSilence = onSilence;
            _heardAt = _time.GetTimestamp();
            if (!_ticking) Arm_NeedsLock();
        }
    }

    public void NoteBytesReceived() => Volatile.Write(ref _heardAt, _time.GetTimestamp());

    /// <summary>
    /// All that is to be sent now; what it returned before has been sent. Where there is nothing, <paramref name="wake"/> is to
    /// be awaited before the next call. False after <see cref="Close"/>. One caller: the write loop, which owns the only state
    /// machine, so that a sleep allocates nothing.
    /// </summary>
    public bool TakeOutput(out ReadOnlyMemory<byte> output, out ValueTask wake)
    {
        wake = default;
        lock (_gate)
        {
            _sending.Clear();
            if (_filling.Length > 0)
            {
                (_filling, _sending) = (_sending, _filling);
                _sent = _tail;
            }
            else if (_isOpen)
            {
                _writerSleeps = true;
                wake = _writerWake.Wait();
            }

            output = _sending.Written;
            return _isOpen;
        }
    }

    /// <summary>The slot that the next reply belongs to; null if nothing was asked.</summary>
    public CommandSlot? Dequeue()
    {
        lock (_gate)
        {
            return _head == _sent ? null : Take_NeedsLock();
        }
    }

    /// <summary>As <see cref="Dequeue"/>, if that slot waits for this push.</summary>
    public CommandSlot? DequeueConfirmedBy(ReadOnlySpan<byte> pushKind)
    {
        lock (_gate)
        {
            return _head < _sent && At(_head)!.IsConfirmedBy(pushKind) ? Take_NeedsLock() : null;
        }
    }

    /// <summary>
    /// Fails everything that waits: what was sent with <paramref name="cause"/>, the rest as not run. Later commands find the
    /// queue closed.
    /// </summary>
    public void Close(RedisFailure cause)
    {
        CommandSlot[] waiting;
        int sent;
        bool wake;
        lock (_gate)
        {
            if (!_isOpen) return;
            _isOpen = false;
            wake = _writerSleeps;
            _writerSleeps = false;
            sent = (int)(_sent - _head);
            waiting = new CommandSlot[_tail - _head];
            for (var i = 0; i < waiting.Length; i++) waiting[i] = Take_NeedsLock();
        }

        _timer.Dispose();
        if (wake) _writerWake.Set();
        var unsent = Failures.Unsent(cause);
        for (var i = 0; i < waiting.Length; i++)
        {
            if (waiting[i].TryClaim()) waiting[i].Fail(i < sent ? cause : unsent);
            waiting[i].Release();
        }
    }

    bool Append_NeedsLock(CommandSlot slot, int byteCount)
    {
        if (_tail - _head == _ring.Length) Grow_NeedsLock();
        slot.ByteCount = byteCount;
        At(_tail++) = slot;
        if (!_ticking) Arm_NeedsLock();
        var wake = _writerSleeps;
        _writerSleeps = false;
        return wake;
    }

    CommandSlot Take_NeedsLock()
    {
        ref var place = ref At(_head++);
        var slot = place!;
        place = null;
        return slot;
    }

    ref CommandSlot? At(long number) => ref _ring[number & (_ring.Length - 1)];

    void Grow_NeedsLock()
    {
        var larger = new CommandSlot?[_ring.Length * 2];
        for (var number = _head; number < _tail; number++) larger[number & (larger.Length - 1)] = At(number);
        _ring = larger;
    }

    void Arm_NeedsLock()
    {
        _ticking = _tail > _head;
        if (!_ticking && _onSilence is null) return;
        _timer.Change(TimeSpan.FromMilliseconds(_ticking ? TickMs : _options.KeepAliveMs), Timeout.InfiniteTimeSpan);
    }

    void Tick()
    {
        Action? onSilence = null;
        var ping = false;
        lock (_gate)
        {
            if (!_isOpen) return;
            var now = _time.GetTimestamp();
            Sweep_NeedsLock(now);
            var heardAt = Volatile.Read(ref _heardAt);
            if (_head < _sent)
            {
                var quietSince = Math.Max(heardAt, At(_head)!.QueuedAt);
                if (now - quietSince > _options.SilenceTimeoutMs * _ticksPerMs) onSilence = _onSilence;
            }
            else if (_tail == _head && _onSilence is not null)
            {
                ping = now - heardAt >= _options.KeepAliveMs * _ticksPerMs;
            }

            Arm_NeedsLock();
        }

        onSilence?.Invoke();
        if (ping) TryEnqueue(new DrainedSlot { QueuedAt = _time.GetTimestamp() }, new CommandParts(s_ping), isInternal: true);
    }

    void Sweep_NeedsLock(long now)
    {
        var dropped = false;
        for (var number = _head; number < _tail; number++)
        {
            var slot = At(number)!;
            var isUnsent = number >= _sent;
            if (slot.Deadline <= now && slot.TryClaim())
            {
                slot.Fail(isUnsent ? Failures.TimedOutUnsent : Failures.TimedOutSent);
                Interlocked.Increment(ref _timeouts);
            }

            dropped |= isUnsent && !slot.IsPending;
        }

        if (dropped) CutUnsent_NeedsLock();
    }

    /// <summary>Takes commands that nobody waits for any more (expired, cancelled) out of what is yet to be sent.</summary>
    void CutUnsent_NeedsLock()
    {
        var from = 0;
        var to = 0;
        var kept = _sent;
        for (var number = _sent; number < _tail; number++)
        {
            var slot = At(number)!;
            var bytes = slot.ByteCount;
            if (slot.IsPending)
            {
                if (to != from) _filling.Move(from, to, bytes);
                to += bytes;
                At(kept++) = slot;
            }
            else
            {
                slot.Release();
            }

            from += bytes;
        }

        for (var number = kept; number < _tail; number++) At(number) = null;
        _tail = kept;
        Debug.Assert(from == _filling.Length, "every unsent byte belongs to an unsent slot");
        _filling.Truncate(to);
    }
}
