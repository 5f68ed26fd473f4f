using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Core.Caching.L2;

namespace Edge.Testing.Caching;

/// <summary>
/// One instance's link to a <see cref="MemorySecondLevel"/>, with switches for tests.
/// <para>
/// A call is two steps with a <see cref="Pause"/> before each: the store runs it, and its reply arrives. A link that is cut in between
/// loses the reply: the call has run and fails. A call whose deadline passes during a pause fails, and runs when the pause ends.
/// What of the news has not been delivered when the link is cut is lost.
/// </para>
/// </summary>
public sealed class MemoryLink : ISecondLevel
{
    readonly MemorySecondLevel _store;
    readonly List<Channel<L2Event>> _listeners = [];
    readonly string _name;
    int _connection;
    bool _hangs;

    internal MemoryLink(MemorySecondLevel store, string name)
    {
        _store = store;
        _name = name;
    }

    /// <summary>
    /// Awaited before the store runs a call, before its reply is delivered, and before each event of <see cref="Listen"/>: a test's
    /// scheduler decides here what happens next. Default: goes on at once.
    /// </summary>
    public Func<ValueTask> Pause { get; set; } = static () => ValueTask.CompletedTask;

    public bool IsCut { get; private set; }

    /// <summary>From here on, calls fail and news is lost; those who listen find <see cref="L2EventKind.Lost"/>.</summary>
    /// <param name="hangs">Calls fail by their deadline only, those under way included; otherwise at once.</param>
    public void Cut(bool hangs = false)
    {
        lock (_store.Gate)
        {
            _hangs = hangs;
            if (IsCut) return;
            IsCut = true;
            _connection++;
            foreach (var listener in _listeners)
            {
                while (listener.Reader.TryRead(out _))
                {
                    // On its way when the link broke.
                }
                listener.Writer.TryWrite(new(L2EventKind.Lost));
            }
        }
    }

    /// <summary>Calls work again; those who listen find <see cref="L2EventKind.Connected"/>.</summary>
    public void Heal()
    {
        lock (_store.Gate)
        {
            if (!IsCut) return;
            IsCut = false;
            foreach (var listener in _listeners) listener.Writer.TryWrite(new(L2EventKind.Connected));
        }
    }

    public ValueTask<L2Result<L2Fetch>> Fetch(string key, int[] places, L2Wish wish, int timeoutMs) =>
        Call(() => _store.Fetch(key, places, wish), timeoutMs);

    public ValueTask<L2Result<L2Stored>> Store(L2Entry entry, int timeoutMs) => Call(() => _store.Store(entry), timeoutMs);

    public ValueTask<L2Result<bool>> Release(string key, string token, int timeoutMs) => Call(() => _store.Release(key, token), timeoutMs);

    public ValueTask<L2Result<L2Generations>> Invalidate(int[] places, string? changeId, int timeoutMs) =>
        Call(() => _store.Invalidate(places, changeId), timeoutMs);

    public ValueTask<L2Result<L2Generations>> ReadGenerations(int timeoutMs) => Call(_store.ReadGenerations, timeoutMs);

    public ValueTask<L2Result<L2Generations>> EndEpoch(string seen, int timeoutMs) => Call(() => _store.EndEpoch(seen), timeoutMs);

    public async IAsyncEnumerable<L2Event> Listen([EnumeratorCancellation] CancellationToken cancelled)
    {
        var news = Channel.CreateUnbounded<L2Event>();
        lock (_store.Gate)
        {
            _listeners.Add(news);
            if (!IsCut) news.Writer.TryWrite(new(L2EventKind.Connected));
        }

        using var ending = cancelled.UnsafeRegister(static writer => ((ChannelWriter<L2Event>)writer!).TryComplete(), news.Writer);
        try
        {
            while (!cancelled.IsCancellationRequested && await news.Reader.WaitToReadAsync(CancellationToken.None))
            {
                // Taken after the pause: until then it is on its way and can be lost.
                await Pause();
                if (!cancelled.IsCancellationRequested && TryTake(news, out var next)) yield return next;
            }
        }
        finally
        {
            lock (_store.Gate) _listeners.Remove(news);
        }
    }

    /// <summary>Called by the store, with its gate held.</summary>
    internal void Tell(L2Event news)
    {
        if (IsCut) return;
        foreach (var listener in _listeners) listener.Writer.TryWrite(news);
    }

    bool TryTake(Channel<L2Event> news, out L2Event next)
    {
        lock (_store.Gate) return news.Reader.TryRead(out next);
    }

    async ValueTask<L2Result<T>> Call<T>(Func<T> run, int timeoutMs)
    {
        var reply = Exchange(run);
        if (reply.IsCompleted) return await reply;
        try
        {
            return await reply.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, timeoutMs)), _store.Clock);
        }
        catch (TimeoutException)
        {
            return new(default!, $"{_name}: the deadline passed");
        }
    }

    async Task<L2Result<T>> Exchange<T>(Func<T> run)
    {
        int connection;
        lock (_store.Gate) connection = _connection;
        await Pause();
        T reply = default!;
        if (!IfConnected(connection, () => reply = run())) return await Broken<T>();
        await Pause();
        return IfConnected(connection, static () => { }) ? new(reply, null) : await Broken<T>();
    }

    bool IfConnected(int connection, Action run)
    {
        lock (_store.Gate)
        {
            if (IsCut || connection != _connection) return false;
            run();
            return true;
        }
    }

    async Task<L2Result<T>> Broken<T>()
    {
        // The deadline is the only end of this: see Call.
        if (_hangs) await new TaskCompletionSource().Task;
        return new(default!, $"{_name}: the link is cut");
    }
}
