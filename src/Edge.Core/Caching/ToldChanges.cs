using Edge.Core.Basics;

namespace Edge.Core.Caching;

/// <summary>
/// Who tells the second level of a change that all instances hear of by themselves, from the database. If all did, nine calls of ten
/// instances would tell nothing.
///
/// <para><b>The order.</b> Whoever was first with the last such change tells at once; the others wait for the news of it, which names it and moves
/// their places. Where that does not come within <see cref="PatienceMs"/>, they tell it themselves, each after a time of its own, and the first of
/// them goes first from then on. What they have in memory is served until then: a change shows that much later where the one that tells has died.</para>
///
/// <para><b>Told by another build</b>, as while instances are replaced one by one, a change may have moved other places than it would have here.
/// Then it counts as not told for these.</para>
///
/// <para><b>Nothing is lost.</b> To go first is nobody's office: an instance that dies, hangs or is cut off between hearing and telling
/// delays the telling by that patience. Telling is one atomic call, so there is no claim that could outlive who made it (and a claim would be as
/// many calls as before). News names a change only when its places have moved, so who has seen it need not call; who misses it calls, and
/// the second level knows the change by its name.</para>
///
/// <para><b>Bounds.</b> Names are kept for a minute, and so many of them; one that was forgotten is reported once more. Thread-safe.</para>
/// </summary>
/// <param name="waking">How those who wait are woken, see <see cref="Flight.WakingOn"/>.</param>
internal sealed class ToldChanges(TimeProvider clock, RandomSource random, TaskCreationOptions waking)
{
    /// <summary>How long the news of a change is waited for, at most; at least half of it.</summary>
    public const int PatienceMs = 100;

    const int MaxKept = 4_096;

    /// <summary>As long as the second level knows a change: a database that was restored may use its name again.</summary>
    static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    readonly Dictionary<string, Change> _changes = new(StringComparer.Ordinal);
    readonly Queue<(string Id, long At)> _order = new();
    readonly Lock _gate = new();
    volatile bool _goesFirst = true;

    /// <summary>News of it has moved these places.</summary>
    public void Tell(string id, int[] moved)
    {
        lock (_gate)
        {
            var change = Known_NeedsLock(id);
            change.Moved ??= moved;
            change.Told.TrySetResult();
        }
    }

    /// <summary>The places that its news has moved. Null: none has come.</summary>
    public int[]? MovedBy(string id)
    {
        lock (_gate)
            return Known_NeedsLock(id).Moved;
    }

    /// <summary>This instance has told it.</summary>
    /// <param name="isRepeat">Another one had before.</param>
    public void Answered(bool isRepeat) => _goesFirst = !isRepeat;

    /// <summary>As <see cref="MovedBy"/>, after this instance has been patient with the one that tells. Null: tell it.</summary>
    public async ValueTask<int[]?> WaitFor(string id)
    {
        Change change;
        int patienceMs;
        lock (_gate)
        {
            change = Known_NeedsLock(id);
            patienceMs = PatienceMs / 2 + random.Next(PatienceMs / 2 + 1);
        }
        if (!change.Told.Task.IsCompleted && !_goesFirst)
            await change.Told.Task.WaitAsync(TimeSpan.FromMilliseconds(patienceMs), clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return Volatile.Read(ref change.Moved);
    }

    Change Known_NeedsLock(string id)
    {
        while (_order.TryPeek(out var oldest) && (_order.Count >= MaxKept || clock.GetElapsedTime(oldest.At) > KeptFor))
        {
            _order.Dequeue();
            _changes.Remove(oldest.Id);
        }
        if (_changes.TryGetValue(id, out var known))
            return known;
        _order.Enqueue((id, clock.GetTimestamp()));
        return _changes[id] = new(new(waking));
    }

    sealed class Change(TaskCompletionSource told)
    {
        /// <summary>The places that its news has moved, set before those who wait are told.</summary>
        public int[]? Moved;

        public TaskCompletionSource Told => told;
    }
}
