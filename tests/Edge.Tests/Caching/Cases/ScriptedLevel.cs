using System.Runtime.CompilerServices;
using Edge.Core.Caching.L2;
using Edge.Tests.Basics;

namespace Edge.Tests.Caching.Cases;

/// <summary>One engine's way to the second level, counted and with faults that the link itself does not tell of.</summary>
sealed class ScriptedLevel(ISecondLevel inner, FakeTime time) : ISecondLevel
{
    public int Fetches { get; private set; }

    public int Stores { get; private set; }

    public int Releases { get; private set; }

    public int Invalidations { get; private set; }

    public int Comparisons { get; private set; }

    public int Endings { get; private set; }

    public int Calls => Fetches + Stores + Releases + Invalidations + Comparisons + Endings;

    /// <summary>Calls fail, at once.</summary>
    public bool Fails { get; set; }

    /// <summary>Calls fail by their deadline only: a black hole. The news goes on.</summary>
    public bool Hangs { get; set; }

    /// <summary>All calls fail but those that give back what is not held, as on a replica.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Leases cannot be given back.</summary>
    public bool KeepsLeases { get; set; }

    /// <summary>How long calls take; those whose deadline is not longer than this fail by it.</summary>
    public int DelayMs { get; set; }

    /// <summary>Entries on their way here.</summary>
    public Func<byte[], byte[]>? Tampers { get; set; }

    /// <summary>Called when a fetch has been answered, before the engine hears the answer.</summary>
    public Action? Fetched { get; set; }

    /// <summary>News that is swallowed without anybody being told.</summary>
    public Predicate<L2Event>? Swallows { get; set; }

    /// <summary>News as it comes here.</summary>
    public Func<L2Event, L2Event>? Rewrites { get; set; }

    /// <summary>Invalidations are answered as by a copy that has forgotten what has ever moved.</summary>
    public bool HasForgotten { get; set; }

    /// <summary>Awaited ahead of each comparison.</summary>
    public Func<Task>? Compares { get; set; }

    /// <summary>Awaited after each comparison, while its answer is on its way.</summary>
    public Func<Task>? Compared { get; set; }

    public async ValueTask<L2Result<L2Fetch>> Fetch(string key, int[] places, L2Wish wish, int timeoutMs)
    {
        Fetches++;
        if (await IsBroken(timeoutMs) || IsReadOnly)
            return new(default, "scripted");
        var fetched = await inner.Fetch(key, places, wish, timeoutMs);
        Fetched?.Invoke();
        return Tampers is null || fetched.Value.Entry is not { } bytes ? fetched : fetched with { Value = fetched.Value with { Entry = Tampers(bytes) } };
    }

    public async ValueTask<L2Result<L2Stored>> Store(L2Entry entry, int timeoutMs)
    {
        Stores++;
        return await IsBroken(timeoutMs) || IsReadOnly ? new(default, "scripted") : await inner.Store(entry, timeoutMs);
    }

    public async ValueTask<L2Result<bool>> Release(string key, string token, int timeoutMs)
    {
        Releases++;
        return await IsBroken(timeoutMs) || KeepsLeases ? new(default, "scripted") : await inner.Release(key, token, timeoutMs);
    }

    public async ValueTask<L2Result<L2Generations>> Invalidate(int[] places, string? changeId, int timeoutMs)
    {
        Invalidations++;
        if (await IsBroken(timeoutMs) || IsReadOnly)
            return new(default, "scripted");
        var moved = await inner.Invalidate(places, changeId, timeoutMs);
        return HasForgotten ? moved with { Value = moved.Value with { At = new uint[places.Length] } } : moved;
    }

    public async ValueTask<L2Result<L2Generations>> ReadGenerations(int timeoutMs)
    {
        Comparisons++;
        if (Compares is { } compares)
            await compares();
        var all = await IsBroken(timeoutMs) || IsReadOnly ? new(default, "scripted") : await inner.ReadGenerations(timeoutMs);
        if (Compared is { } compared)
            await compared();
        return all;
    }

    public async ValueTask<L2Result<L2Generations>> EndEpoch(string seen, int timeoutMs)
    {
        Endings++;
        return await IsBroken(timeoutMs) || IsReadOnly ? new(default, "scripted") : await inner.EndEpoch(seen, timeoutMs);
    }

    public async IAsyncEnumerable<L2Event> Listen([EnumeratorCancellation] CancellationToken cancelled)
    {
        await foreach (var news in inner.Listen(cancelled))
            if (Swallows?.Invoke(news) != true)
                yield return Rewrites?.Invoke(news) ?? news;
    }

    async ValueTask<bool> IsBroken(int timeoutMs)
    {
        var isLate = Hangs || DelayMs >= timeoutMs;
        // Nothing but the test's own clock ends this.
        if (isLate || DelayMs > 0)
            await new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromMilliseconds(isLate ? timeoutMs : DelayMs), time)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return isLate || Fails;
    }
}
