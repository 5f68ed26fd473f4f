using Edge.Redis.Connections;
using Edge.Redis.Subscriptions;

namespace Edge.Redis;

/// <summary>
/// A Redis client for one server: one connection, shared by all callers, pipelined; commands here, subscriptions beside them.
///
/// <para><b>States.</b></para>
/// <code>
///            first command            connected
///   Idle ──────────────► Connecting ─────────────► Ready
///                         │     ▲                  │  │
///          attempt failed │     └── lost, stable ──┘  │ lost within BackoffMaxMs
///                         ▼                           ▼
///                        Down ◄───────────────────────┘
///                         └──── an attempt succeeds ──────► Ready          Closed: disposed
/// </code>
/// The constructor opens nothing, so boot never waits for the network. The first command (or <see cref="Start"/>) begins to
/// connect. In <b>Connecting</b> commands are queued and sent as soon as the login is done; each waits at most its own
/// deadline. So a start, and the blip of a server that restarts, cost a little latency and no failure. Once an attempt has
/// failed the link is <b>Down</b>, and commands fail at once with NotConnected: while Redis is away it costs a caller nothing,
/// not a deadline per call. Attempts go on with jittered backoff (<see cref="RedisOptions.BackoffBaseMs"/>) for ever.
///
/// <para><b>Results.</b> What the network or the server does is a value, never an exception: a <see cref="RedisResult{T}"/>
/// with a <see cref="RedisFailure"/> that says which of the six things happened and whether the command may have run.
/// <c>MayHaveRun: false</c> is a proof: such a command was never handed to the socket (and is cut out of the send buffer), or
/// the server refused it before running it. Nothing is retried here, except a script after NOSCRIPT, which has not run.
/// What throws: a token that the caller cancels (OperationCanceledException; the command may have run), and wrong arguments.
/// </para>
///
/// <para><b>Order.</b> Commands are sent in the order in which the calls were made, and Redis runs them in that order, also
/// when nobody awaits in between. A script sent again after NOSCRIPT takes its place behind what was queued meanwhile.
/// Continuations of callers run on the thread pool in any order.</para>
///
/// <para><b>When the connection is lost</b> whatever was sent and not answered fails with ConnectionLost, may have run; what was
/// not yet sent fails too, has not run. It is never sent again on its own: only the caller knows if that is safe.</para>
///
/// <para><b>Deadlines.</b> Each command has one (<see cref="RedisOptions.CommandTimeoutMs"/> unless the call says otherwise),
/// counted from the call, and kept by one timer per connection that sweeps the queue every 10 ms while there is something in
/// it. A command that timed out keeps its place until its reply has been read and dropped, so replies never shift to other
/// commands.</para>
///
/// <para><b>A dead connection</b> is told from a slow command by silence: not a single byte for
/// <see cref="RedisOptions.SilenceTimeoutMs"/> while a reply is due. Counting timeouts would not do: short deadlines of busy
/// callers would cut a live connection. An idle link is asked by PING every <see cref="RedisOptions.KeepAliveMs"/>, so that a
/// cable pulled under a link that only listens is noticed as well. A server that hangs (SIGSTOP) thus costs each command its
/// deadline until the silence is noticed, then one failed login; from there on calls fail at once until it answers again.</para>
///
/// <para><b>Back-pressure.</b> Nothing here grows without bound and no call ever blocks: at
/// <see cref="RedisOptions.MaxInFlight"/> commands or <see cref="RedisOptions.MaxQueuedBytes"/> unsent bytes a call fails at
/// once with QueueFull. A reply above <see cref="RedisOptions.MaxReplyBytes"/> ends the connection as a protocol error.</para>
///
/// <para><b>Subscriptions</b> share the connection under RESP3. Where the server knows only RESP2, which forbids that, a
/// second connection is opened for them when the first one is asked for. They survive reconnects, and a reader is told of every gap:
/// see <see cref="RedisSubscription"/>.</para>
///
/// <para><b>Cost.</b> A command allocates nothing but its result: it is encoded straight into the send buffer and awaited through
/// a pooled slot. So the ValueTask of a call must be awaited once, and only once. Replies are read in place, in the receive
/// buffer (<see cref="RedisReplyReader{T}"/>).</para>
/// </summary>
public sealed partial class RedisClient : IAsyncDisposable, ILinkOwner
{
    /// <summary>Events that a subscription holds for its reader unless told otherwise.</summary>
    public const int DefaultSubscriptionCapacity = 1024;

    readonly RedisOptions _options;
    readonly Dialer _dial;
    readonly TimeProvider _time;
    readonly Random _random;
    readonly Action<RedisStatus>? _onStateChange;
    readonly IRedisObserver? _observer;
    readonly SubscriptionRegistry _subscriptions;
    readonly RedisLink _commands;
    readonly long _ticksPerMs;
    readonly Lock _gate = new();

    // Under RESP2 only.
    RedisLink? _subscriber;
    bool _needsSubscriber;
    bool _disposed;
    long _unknownPushes;

    /// <param name="options">Checked here; mistakes throw, as they are the program's own by now.</param>
    /// <param name="time">Deadlines, backoff and keep-alive. Null: the system's clock.</param>
    /// <param name="random">Jitter. Null: a new generator. Not used from two threads at once.</param>
    /// <param name="onStateChange">
    /// Told every change of state, in order, on the link's loop: be quick; what it throws is dropped. For the log.
    /// </param>
    /// <param name="observer">Hears of each command. Null: none is observed.</param>
    public RedisClient(
        RedisOptions options,
        TimeProvider? time = null,
        Random? random = null,
        Action<RedisStatus>? onStateChange = null,
        IRedisObserver? observer = null)
        : this(options, SocketDialer.For(options), time ?? TimeProvider.System, random ?? new Random(), onStateChange, observer)
    {
    }

    internal RedisClient(
        RedisOptions options,
        Dialer dial,
        TimeProvider time,
        Random random,
        Action<RedisStatus>? onStateChange = null,
        IRedisObserver? observer = null)
    {
        var problems = options.Problems();
        if (problems.Count > 0) Throw.Argument_InvalidOptions(problems);
        _options = options;
        _dial = dial;
        _time = time;
        _random = random;
        _onStateChange = onStateChange;
        _observer = observer;
        _ticksPerMs = Math.Max(1, time.TimestampFrequency / 1000);
        _subscriptions = new SubscriptionRegistry(time);
        _commands = NewLink(random, onlySubscribes: false);
    }

    /// <summary>How the command link is now.</summary>
    public RedisStatus Status => new(
        _commands.State,
        _commands.Problem,
        _commands.Greeting.ProtocolVersion,
        _commands.Greeting.ServerVersion ?? "",
        _commands.Connections,
        _commands.InFlight,
        _commands.Timeouts,
        Interlocked.Read(ref _unknownPushes));

    /// <summary>Begins to connect, if nothing has yet, and returns at once.</summary>
    public void Start() => _commands.Start();

    /// <summary>
    /// Listens to a channel. Returns at once; the first <see cref="RedisEventKind.Subscribed"/> says when it is in force.
    /// </summary>
    /// <param name="channel">Exact name; no patterns.</param>
    /// <param name="capacity">Most events held for a reader that is behind. Range 1–1,048,576.</param>
    public RedisSubscription Subscribe(string channel, int capacity = DefaultSubscriptionCapacity)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 20);
        var subscription = _subscriptions.Add(channel, capacity);
        Start();
        EnsureSubscriber();
        return subscription;
    }

    /// <summary>Closes the connections. What waits fails with NotConnected or ConnectionLost; later calls with NotConnected.</summary>
    public async ValueTask DisposeAsync()
    {
        RedisLink? subscriber;
        lock (_gate)
        {
            _disposed = true;
            subscriber = _subscriber;
        }

        await _commands.Stop();
        if (subscriber is not null) await subscriber.Stop();
    }

    void ILinkOwner.OnReady(RedisLink link, CommandQueue queue)
    {
        if (!ReferenceEquals(link, _commands))
        {
            _subscriptions.Attach(queue);
            return;
        }

        var needsSubscriber = link.Greeting.ProtocolVersion == 2;
        RedisLink? superfluous = null;
        lock (_gate)
        {
            _needsSubscriber = needsSubscriber;
            if (!needsSubscriber) (superfluous, _subscriber) = (_subscriber, null);
        }

        // The server was upgraded: its messages would come twice.
        _ = superfluous?.Stop().AsTask();
        if (needsSubscriber) EnsureSubscriber();
        else _subscriptions.Attach(queue);
    }

    void ILinkOwner.OnLost(CommandQueue queue) => _subscriptions.Detach(queue);

    void ILinkOwner.OnStateChanged(RedisLink link)
    {
        if (_onStateChange is null || !ReferenceEquals(link, _commands)) return;
        try
        {
            _onStateChange(Status);
        }
        catch (Exception)
        {
            // A log that fails must not end the loop that reconnects, and there is no other log to tell.
        }
    }

    void IPushTarget.OnMessage(ReadOnlySpan<byte> channel, byte[] payload) => _subscriptions.Publish(channel, payload);

    void IPushTarget.OnUnknownPush() => Interlocked.Increment(ref _unknownPushes);

    void EnsureSubscriber()
    {
        lock (_gate)
        {
            if (!_needsSubscriber || _disposed || _subscriber is not null || _subscriptions.IsEmpty) return;
            _subscriber = NewLink(new Random(_random.Next()), onlySubscribes: true);
            _subscriber.Start();
        }
    }

    RedisLink NewLink(Random random, bool onlySubscribes) => new(_options, _dial, _time, random, this, onlySubscribes);
}
