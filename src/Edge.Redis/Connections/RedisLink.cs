using Edge.Core.Basics;

namespace Edge.Redis.Connections;

/// <summary>What a link tells its owner. Called from the link's own loop, one at a time.</summary>
interface ILinkOwner : IPushTarget
{
    /// <summary>A connection is ready; nothing of its queue has been sent yet.</summary>
    void OnReady(RedisLink link, CommandQueue queue);

    void OnLost(CommandQueue queue);

    void OnStateChanged(RedisLink link);
}

/// <summary>
/// Keeps one connection alive: connects at the first command, and again, with backoff, until disposed. The states and what
/// they mean for a caller are told on <see cref="RedisClient"/>; here is what makes them so:
/// <para>
/// Connecting and Ready have a queue that takes commands; Down has none, only the failure to hand out. When a stable
/// connection is lost, the queue of the next one is published before the old one is failed, so a caller who finds the old one
/// closed finds the new one at the second look.
/// </para>
/// </summary>
sealed class RedisLink
{
    readonly RedisOptions _options;
    readonly Dialer _dial;
    readonly TimeProvider _time;
    readonly Backoff _backoff;
    readonly ILinkOwner _owner;
    readonly bool _onlySubscribes;
    readonly CancellationTokenSource _stop = new();

    CommandQueue? _queue;
    RedisFailure _down = Failures.Disposed;
    Task? _running;
    int _started;
    volatile RedisLinkState _state;
    long _connections;
    long _pastTimeouts;

    public RedisLink(RedisOptions options, Dialer dial, TimeProvider time, Random random, ILinkOwner owner, bool onlySubscribes)
    {
        _options = options;
        _dial = dial;
        _time = time;
        _backoff = new Backoff(random, options.BackoffBaseMs, options.BackoffMaxMs);
        _owner = owner;
        _onlySubscribes = onlySubscribes;
        _queue = new CommandQueue(options, time);
    }

    public RedisLinkState State => _state;

    public Greeting Greeting { get; private set; }

    public string? Problem { get; private set; }

    public long Connections => Interlocked.Read(ref _connections);

    public int InFlight => Volatile.Read(ref _queue)?.Count ?? 0;

    public long Timeouts => Interlocked.Read(ref _pastTimeouts) + (Volatile.Read(ref _queue)?.Timeouts ?? 0);

    public void Start()
    {
        if (Volatile.Read(ref _started) != 0 || Interlocked.Exchange(ref _started, 1) != 0) return;
        // The loop outlives the request that happens to start it, and must not carry that request's context.
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(Run);
    }

    /// <summary>Null: queued. Else the reason why not.</summary>
    public RedisFailure? TryEnqueue(CommandSlot slot, scoped in CommandParts parts)
    {
        Start();
        var queue = Volatile.Read(ref _queue);
        if (queue is null) return _down;
        var refused = queue.TryEnqueue(slot, parts);
        if (!ReferenceEquals(refused, CommandQueue.Closed)) return refused;
        queue = Volatile.Read(ref _queue);
        if (queue is null) return _down;
        return queue.TryEnqueue(slot, parts);
    }

    public async ValueTask Stop()
    {
        await _stop.CancelAsync();
        if (Interlocked.Exchange(ref _started, 1) == 0) GoDown(Volatile.Read(ref _queue), Failures.Disposed, RedisLinkState.Closed);
        if (_running is not null) await _running;
    }

    async Task Run()
    {
        try
        {
            while (true)
            {
                if (_queue is not null) Enter(RedisLinkState.Connecting);
                var delay = await ConnectAndServe(_queue ?? new CommandQueue(_options, _time));
                await Task.Delay(delay, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            GoDown(_queue, Failures.Disposed, RedisLinkState.Closed);
        }
    }

    /// <summary>One attempt and, if it succeeds, the life of its connection. Returns how long to wait before the next.</summary>
    async Task<TimeSpan> ConnectAndServe(CommandQueue queue)
    {
        var (wire, problem) = await TryConnect();
        if (wire is null)
        {
            _stop.Token.ThrowIfCancellationRequested();
            GoDown(queue, NotConnected("is not reachable: " + problem), RedisLinkState.Down);
            return _backoff.AfterFailure();
        }

        var readyAt = _time.GetTimestamp();
        using var connection = new RedisConnection(wire, queue, _options, _owner, _onlySubscribes && Greeting.ProtocolVersion == 2);
        Volatile.Write(ref _queue, queue);
        Interlocked.Increment(ref _connections);
        _owner.OnReady(this, queue);
        Enter(RedisLinkState.Ready);
        // A connection that lives for a moment only is a failed attempt in disguise: a server that accepts and hangs up must
        // not be called in a tight loop, nor callers be kept waiting for it.
        var isStable = false;
        await using (_stop.Token.UnsafeRegister(static connection => ((RedisConnection)connection!).Dispose(), connection))
        {
            await connection.Run(retire: cause =>
            {
                isStable = _time.GetElapsedTime(readyAt).TotalMilliseconds >= _options.BackoffMaxMs;
                Retire(queue, cause, isStable);
            });
        }

        _stop.Token.ThrowIfCancellationRequested();
        return isStable ? _backoff.AfterLoss() : _backoff.AfterFailure();
    }

    void Retire(CommandQueue queue, RedisFailure cause, bool isStable)
    {
        Interlocked.Add(ref _pastTimeouts, queue.Timeouts);
        _owner.OnLost(queue);
        Problem = cause.InternalText;
        if (!isStable || _stop.IsCancellationRequested)
        {
            _down = NotConnected("was lost: " + cause.InternalText);
            GoDown(queue, cause, RedisLinkState.Down);
            return;
        }

        Volatile.Write(ref _queue, new CommandQueue(_options, _time));
        queue.Close(cause);
        Enter(RedisLinkState.Connecting);
    }

    void GoDown(CommandQueue? queue, RedisFailure cause, RedisLinkState state)
    {
        if (cause.Kind == RedisFailureKind.NotConnected) _down = cause;
        Problem = cause.InternalText;
        Volatile.Write(ref _queue, null);
        queue?.Close(cause);
        Enter(state);
    }

    RedisFailure NotConnected(string problem) => new(RedisFailureKind.NotConnected, false, $"{_options.Endpoint} {problem}");

    void Enter(RedisLinkState state)
    {
        if (_state == state) return;
        _state = state;
        _owner.OnStateChanged(this);
    }

    async Task<(WireStream? Wire, string Problem)> TryConnect()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.ConnectTimeoutMs), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        WireStream? wire = null;
        try
        {
            wire = new WireStream(await _dial(either.Token));
            var greeting = await Handshake.Perform(wire, _options, either.Token);
            if (greeting.Problem is null)
            {
                Greeting = greeting;
                return (wire, "");
            }

            wire.Dispose();
            return (null, greeting.Problem);
        }
        catch (Exception fault)
        {
            wire?.Dispose();
            return (null, timeout.IsCancellationRequested ? "no answer within ConnectTimeoutMs" : fault.Message);
        }
    }
}
