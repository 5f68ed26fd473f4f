using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Edge.Core.Caching.L2;

namespace Edge.Redis.Caching;

/// <summary>
/// The second level in Redis. Each call is one script and one round trip, so it is atomic by itself.
///
/// <para><b>Keys.</b> All begin with the prefix as a hash tag, here <c>{edge}</c>: in a cluster they share a slot, which the scripts need.</para>
/// <code>
///   {edge}:g        string: epoch and version, eight bytes each, then four bytes for each place, its generation; big-endian
///   {edge}:k:KEY    string: the entry's bytes, a trailer, and the trailer's length in six digits; expires with the entry
///   {edge}:l:KEY    string: the token of the lease; expires with it
///   {edge}:w:KEY    somebody waits for the lease; expires with it
///   {edge}:c:ID     a change that has been reported; expires after a minute
///   {edge}:n        channel of the news: see L2News
/// </code>
/// <para>The trailer is <c>epoch places generations loadedAtMs freshUntilMs</c>, lists with commas, times by the server's clock. It
/// stands at the end so that a fetch reads it with one GETRANGE and copies the entry only where it is returned. An entry counts where the
/// epoch is the present one, the places are those that the fetch asks with, and no hard one has moved.</para>
///
/// <para><b>Generations</b> are a string, and no hash, for the sake of whoever connects: it reads all of them. With every place of 131,072
/// moved once, a hash takes 8.4 MB and 87 ms of the server's only thread for each instance that comes back, and all come back at once when
/// a switch was restarted; the string takes 0.5 MB and 0.9 ms. A fetch pays 3 µs for it.</para>
///
/// <para><b>The epoch</b> is the time at which a script found none: after a start without data, FLUSHALL, or should the string have been
/// evicted. What is left of before then belongs to another epoch and is never used. A store that goes back in time, started from an old dump
/// or failed over to a replica that lagged behind, comes with the epoch of then; an instance that knows of a later position ends that
/// (EndEpoch). Invalidations that no running instance had heard of are lost with it. A cache is best run without persistence.</para>
///
/// <para><b>A lease</b> is SET NX with the load's time. A store needs it to be there still, with the same token: a load that outlived
/// its lease stores nothing, whether another has taken it or not. That it has ended is published only where a fetch was refused it meanwhile.
/// </para>
///
/// <para><b>News</b> is published by the script that moves the places: messages come in the order of the versions. Redis keeps none for
/// who is not there, so a lost link, a reader that was too slow, and a message that makes no sense all end as Lost, and Connected
/// once nothing is missed any more. Either may come twice in a row.</para>
///
/// <para><b>Foreign bytes under our keys</b> are never an exception. An entry that makes no sense is none, and the next store replaces it;
/// a lease without an end is taken over; text where the generations should be is no epoch, so another begins; a list or hash there is a
/// failure until somebody removes it.</para>
/// </summary>
public sealed class RedisSecondLevel : ISecondLevel
{
    /// <summary>Redis keeps four bytes for every place up to the highest that has moved: 4 MiB.</summary>
    public const int MaxPlace = (1 << 20) - 1;

    /// <summary>News held for a reader that is behind; past it the reader is told Lost.</summary>
    const int NewsCapacity = 4096;

    // The latest time that a script can add without a rounding error, and more than anybody means: 35,000 years.
    const long MaxMs = 1L << 50;

    static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly RedisClient _client;
    readonly Action<string>? _onRefused;
    readonly L2Replies _replies = new();
    readonly string _channel;
    readonly string _generations;
    readonly string _entryPrefix;
    long _malformedNews;

    /// <param name="client">Not disposed here.</param>
    /// <param name="prefix">What all keys begin with: one per service and environment that share a Redis. Not empty, no braces.</param>
    /// <param name="onRefused">Told, for the log, why the server refuses the subscription. Once for each connection.</param>
    public RedisSecondLevel(RedisClient client, string prefix, Action<string>? onRefused = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        if (prefix.AsSpan().ContainsAny('{', '}')) throw new ArgumentException("The prefix becomes a hash tag: it has no braces.", nameof(prefix));
        _client = client;
        _onRefused = onRefused;
        _channel = $"{{{prefix}}}:n";
        _generations = $"{{{prefix}}}:g";
        _entryPrefix = $"{{{prefix}}}:k:";
    }

    /// <summary>Messages on the news channel that made no sense, so far.</summary>
    public long MalformedNews => Interlocked.Read(ref _malformedNews);

    /// <inheritdoc/>
    /// <param name="key">Well-formed text: half a surrogate pair throws ArgumentException.</param>
    /// <param name="places">At most 1,000.</param>
    public ValueTask<L2Result<L2Fetch>> Fetch(string key, int[] places, L2Wish wish, int timeoutMs)
    {
        var args = Rent(3 + places.Length);
        args[0] = wish.Token ?? "";
        args[1] = Math.Max(1, wish.LeaseMs);
        args[2] = Math.Clamp(wish.FreshForMs, -MaxMs, MaxMs);
        for (var i = 0; i < places.Length; i++) args[3 + i] = places[i];
        return Outcome(Run(L2Scripts.Fetch, [_generations, EntryKey(key)], args, 3 + places.Length, _replies.Fetch, timeoutMs));
    }

    /// <inheritdoc/>
    public ValueTask<L2Result<L2Stored>> Store(L2Entry entry, int timeoutMs)
    {
        var count = entry.Places.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(entry.At.Length, count);
        var args = Rent(6 + 2 * count);
        args[0] = entry.Token ?? "";
        args[1] = entry.Epoch;
        args[2] = entry.Bytes;
        args[3] = Math.Clamp(entry.AgeMs, 0, MaxMs);
        args[4] = Math.Clamp(entry.FreshMs, -MaxMs, MaxMs);
        args[5] = Math.Clamp(entry.KeepMs, 1, MaxMs);
        for (var i = 0; i < count; i++)
        {
            args[6 + i] = entry.Places[i];
            args[6 + count + i] = entry.At[i];
        }
        return Outcome(Run(L2Scripts.Store, [_generations, EntryKey(entry.Key)], args, 6 + 2 * count, L2Replies.Stored, timeoutMs));
    }

    /// <inheritdoc/>
    public ValueTask<L2Result<bool>> Release(string key, string token, int timeoutMs) =>
        Outcome(_client.Eval(
            L2Scripts.Release, [_generations, EntryKey(key)], [token], Replies.Flag, CancellationToken.None, Math.Max(1, timeoutMs)));

    /// <inheritdoc/>
    /// <param name="places">0 to <see cref="MaxPlace"/>.</param>
    public async ValueTask<L2Result<L2Generations>> Invalidate(int[] places, string? changeId, int timeoutMs)
    {
        foreach (var place in places) ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)place, (uint)MaxPlace, nameof(places));
        var args = Rent(1 + places.Length);
        args[0] = changeId ?? "";
        for (var i = 0; i < places.Length; i++) args[1 + i] = places[i];
        var moved = await Outcome(Run(L2Scripts.Invalidate, [_generations], args, 1 + places.Length, _replies.Moved, timeoutMs));
        return moved with { Value = moved.Value with { Places = places } };
    }

    /// <inheritdoc/>
    public ValueTask<L2Result<L2Generations>> ReadGenerations(int timeoutMs) => EndEpoch("", timeoutMs);

    /// <inheritdoc/>
    public ValueTask<L2Result<L2Generations>> EndEpoch(string seen, int timeoutMs) =>
        Outcome(_client.Eval(
            L2Scripts.ReadGenerations, [_generations], [seen], _replies.AllGenerations, CancellationToken.None, Math.Max(1, timeoutMs)));

    /// <inheritdoc/>
    public async IAsyncEnumerable<L2Event> Listen([EnumeratorCancellation] CancellationToken cancelled)
    {
        using var subscription = _client.Subscribe(_channel, NewsCapacity);
        // Disposing ends the reading without an exception.
        using var ending = cancelled.UnsafeRegister(static subscribed => ((RedisSubscription)subscribed!).Dispose(), subscription);
        await foreach (var next in subscription.ReadAll(CancellationToken.None))
        {
            if (cancelled.IsCancellationRequested) yield break;
            L2Event news = default;
            switch (next.Kind)
            {
                case RedisEventKind.Subscribed:
                    yield return new(L2EventKind.Connected);
                    break;
                case RedisEventKind.Message when L2News.TryParse(next.Payload.Span, out news):
                    yield return news;
                    break;
                case RedisEventKind.Message:
                    Interlocked.Increment(ref _malformedNews);
                    yield return new(L2EventKind.Lost);
                    yield return new(L2EventKind.Connected);
                    break;
                case RedisEventKind.Overflowed:
                    yield return new(L2EventKind.Lost);
                    // Where the link is down as well, Subscribed follows when it is back.
                    if (subscription.IsLive) yield return new(L2EventKind.Connected);
                    break;
                case RedisEventKind.Refused:
                    _onRefused?.Invoke(next.Failure!.InternalText);
                    yield return new(L2EventKind.Lost);
                    break;
                default:
                    yield return new(L2EventKind.Lost);
                    break;
            }
        }
    }

    static RedisArg[] Rent(int count) => ArrayPool<RedisArg>.Shared.Rent(count);

    ValueTask<RedisResult<T>> Run<T>(
        RedisScript script, ReadOnlySpan<RedisArg> keys, RedisArg[] rented, int count, RedisReplyReader<T> reader, int timeoutMs)
    {
        // A call copies its words before it returns. 0 would be the client's own deadline, not "no time left".
        var reply = _client.Eval(script, keys, rented.AsSpan(0, count), reader, CancellationToken.None, Math.Max(1, timeoutMs));
        ArrayPool<RedisArg>.Shared.Return(rented, clearArray: true);
        return reply;
    }

    string EntryKey(string key)
    {
        // Two keys that UTF-8 cannot tell apart would share an entry. Throws ArgumentException.
        if (key.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) _ = s_strictUtf8.GetByteCount(key);
        return _entryPrefix + key;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    static async ValueTask<L2Result<T>> Outcome<T>(ValueTask<RedisResult<T>> reply) =>
        (await reply).TryGet(out var value, out var failure) ? new(value, null) : new(default!, failure.InternalText);
}
