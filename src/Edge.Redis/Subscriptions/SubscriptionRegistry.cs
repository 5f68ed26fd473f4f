using System.Diagnostics.CodeAnalysis;
using System.Text;
using Edge.Redis.Connections;

namespace Edge.Redis.Subscriptions;

/// <summary>
/// Who listens to which channel, and what the server has been asked for on the connection that carries subscriptions now.
/// <para>
/// Redis is asked once per channel, however many listen. Requests are queued under the lock that changes the table, so their
/// order on the wire is the order of the changes. A confirmation belongs to the entry that asked for it: one that was removed
/// and made again waits for its own.
/// </para>
/// <para>Lock order: this, then the command queue. The queue calls back only after it has left its own lock.</para>
/// </summary>
sealed class SubscriptionRegistry(TimeProvider time)
{
    sealed class Entry(byte[] channel)
    {
        public byte[] Channel { get; } = channel;

        public List<RedisSubscription> Listeners { get; } = [];

        public bool IsLive { get; set; }
    }

    readonly Lock _gate = new();
    readonly Dictionary<byte[], Entry> _entries = new(ByteKeys.Instance);
    CommandQueue? _carrier;

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _entries.Count == 0;
        }
    }

    public RedisSubscription Add(string channel, int capacity)
    {
        var subscription = new RedisSubscription(this, channel, capacity);
        var name = Encoding.UTF8.GetBytes(channel);
        lock (_gate)
        {
            if (_entries.TryGetValue(name, out var entry))
            {
                entry.Listeners.Add(subscription);
                if (entry.IsLive) subscription.Offer(RedisEvent.Of(RedisEventKind.Subscribed));
                return subscription;
            }

            entry = new Entry(name);
            entry.Listeners.Add(subscription);
            _entries.Add(name, entry);
            Ask_NeedsLock(entry);
        }

        return subscription;
    }

    public void Remove(RedisSubscription subscription)
    {
        var name = Encoding.UTF8.GetBytes(subscription.Channel);
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out var entry) || !entry.Listeners.Remove(subscription) || entry.Listeners.Count > 0) return;
            _entries.Remove(name);
            Send_NeedsLock("UNSUBSCRIBE", name, new SubscribeSlot(SubscribeSlot.Unsubscribe, static _ => { }));
        }
    }

    /// <summary>A connection that can carry subscriptions is ready: asks for every channel.</summary>
    public void Attach(CommandQueue carrier)
    {
        lock (_gate)
        {
            _carrier = carrier;
            foreach (var entry in _entries.Values) Ask_NeedsLock(entry);
        }
    }

    public void Detach(CommandQueue carrier)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_carrier, carrier)) return;
            _carrier = null;
            foreach (var entry in _entries.Values)
            {
                if (!entry.IsLive) continue;
                entry.IsLive = false;
                Tell_NeedsLock(entry, RedisEvent.Of(RedisEventKind.LinkLost));
            }
        }
    }

    public void Publish(ReadOnlySpan<byte> channel, byte[] payload)
    {
        lock (_gate)
        {
            if (_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(channel, out var entry))
                Tell_NeedsLock(entry, new RedisEvent(RedisEventKind.Message, payload, null));
        }
    }

    void Ask_NeedsLock(Entry entry)
    {
        var carrier = _carrier;
        var slot = new SubscribeSlot(SubscribeSlot.Subscribe, failure => OnAnswer(entry, carrier, failure));
        Send_NeedsLock("SUBSCRIBE", entry.Channel, slot);
    }

    void Send_NeedsLock(string verb, byte[] channel, SubscribeSlot slot)
    {
        slot.QueuedAt = time.GetTimestamp();
        // A carrier that has just closed is replaced soon, and Attach then asks again.
        _carrier?.TryEnqueue(slot, new CommandParts([verb, channel]), isInternal: true);
    }

    void OnAnswer(Entry entry, CommandQueue? carrier, RedisFailure? failure)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_carrier, carrier)) return;
            if (failure is null)
            {
                entry.IsLive = true;
                Tell_NeedsLock(entry, RedisEvent.Of(RedisEventKind.Subscribed));
            }
            else if (failure.Kind == RedisFailureKind.Server)
            {
                Tell_NeedsLock(entry, RedisEvent.Of(RedisEventKind.Refused, failure));
            }
        }
    }

    static void Tell_NeedsLock(Entry entry, RedisEvent next)
    {
        foreach (var listener in entry.Listeners) listener.Offer(next);
    }

    /// <summary>Channel names compared as bytes, so that a message finds its entry without a string.</summary>
    sealed class ByteKeys : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteKeys Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
