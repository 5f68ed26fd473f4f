using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Redis.Subscriptions;

namespace Edge.Redis;

/// <summary>
/// One reader's view of one channel: its messages, and every moment at which some may have been missed, in order.
/// <para>
/// It is bounded. When the reader falls behind by more than its capacity, what is new is dropped, and behind what is queued
/// the reader finds one <see cref="RedisEventKind.Overflowed"/>. Memory never grows, the connection never waits for a reader,
/// and no gap goes unmentioned.
/// </para>
/// <para>One reader at a time. Dispose it to unsubscribe; reading then ends.</para>
/// </summary>
public sealed class RedisSubscription : IDisposable
{
    readonly Channel<RedisEvent> _events;
    readonly SubscriptionRegistry _registry;
    readonly Lock _gate = new();
    bool _overflowed;
    volatile bool _isLive;

    internal RedisSubscription(SubscriptionRegistry registry, string channel, int capacity)
    {
        _registry = registry;
        Channel = channel;
        _events = System.Threading.Channels.Channel.CreateBounded<RedisEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });
    }

    public string Channel { get; }

    /// <summary>True while the server has confirmed the subscription and the connection stands: nothing is being missed now.</summary>
    public bool IsLive => _isLive;

    /// <summary>Every event until the subscription is disposed.</summary>
    public async IAsyncEnumerable<RedisEvent> ReadAll([EnumeratorCancellation] CancellationToken cancel = default)
    {
        do
        {
            while (TryRead(out var next)) yield return next;
        }
        while (await _events.Reader.WaitToReadAsync(cancel));
    }

    /// <summary>The next event if there is one now.</summary>
    public bool TryRead(out RedisEvent next)
    {
        if (_events.Reader.TryRead(out next)) return true;
        lock (_gate)
        {
            // Looked at again under the lock: only here is "empty" the end of what stood before the drop.
            if (_events.Reader.TryRead(out next)) return true;
            if (!_overflowed) return false;
            _overflowed = false;
            next = RedisEvent.Of(RedisEventKind.Overflowed);
            return true;
        }
    }

    public void Dispose()
    {
        _registry.Remove(this);
        _isLive = false;
        _events.Writer.TryComplete();
    }

    internal void Offer(RedisEvent next)
    {
        if (next.Kind == RedisEventKind.Subscribed) _isLive = true;
        else if (next.Kind == RedisEventKind.LinkLost) _isLive = false;
        lock (_gate)
        {
            if (_overflowed)
            {
                if (!_events.Writer.TryWrite(RedisEvent.Of(RedisEventKind.Overflowed))) return;
                _overflowed = false;
            }

            _overflowed = !_events.Writer.TryWrite(next);
        }
    }
}
