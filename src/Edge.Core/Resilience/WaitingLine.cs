namespace Edge.Core.Resilience;

/// <summary>Work that waits for a permit. In one list of its class, from oldest to newest.</summary>
sealed class Waiter(LoadGate gate, WorkKind kind, long sinceNs)
{
    readonly TaskCompletionSource<bool> _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    CancellationTokenRegistration _leaving;

    public LoadGate Gate => gate;

    public WorkKind Kind => kind;

    public long SinceNs => sinceNs;

    /// <summary>True: a permit. False: shed.</summary>
    public Task<bool> Turn => _turn.Task;

    public bool IsInLine { get; set; }

    public Waiter? Older { get; set; }

    public Waiter? Newer { get; set; }

    public void Grant() => End(true);

    public void Refuse() => End(false);

    public void Cancel(CancellationToken cancelled) => _turn.SetCanceled(cancelled);

    /// <summary>Outside of the gate's lock, since a client that has left already is noticed at once, on this thread.</summary>
    public void NoticeLeaving(CancellationTokenRegistration leaving)
    {
        _leaving = leaving;
        // Its turn may have come meanwhile, and then did not find this.
        if (_turn.Task.IsCompleted)
            leaving.Unregister();
    }

    void End(bool isGranted)
    {
        _turn.SetResult(isGranted);
        _leaving.Unregister();
    }
}

/// <summary>The queue of a <see cref="LoadGate"/>: one line per class, bounded together. Guarded by the gate's lock.</summary>
sealed class WaitingLine(int places)
{
    const int Classes = 3;

    readonly Waiter?[] _oldest = new Waiter?[Classes];
    readonly Waiter?[] _newest = new Waiter?[Classes];

    public int Count { get; private set; }

    public bool HasAtLeast(Criticality criticality)
    {
        for (var c = 0; c <= (int)criticality; c++)
            if (_oldest[c] is not null)
                return true;
        return false;
    }

    /// <summary>The most critical; of those the oldest or the newest.</summary>
    public Waiter? Next(bool newestFirst)
    {
        for (var c = 0; c < Classes; c++)
            if ((newestFirst ? _newest[c] : _oldest[c]) is { } waiter)
                return waiter;
        return null;
    }

    /// <summary>The oldest of any class that has waited since before.</summary>
    public Waiter? WaitingSinceBefore(long ns)
    {
        for (var c = Classes - 1; c >= 0; c--)
            if (_oldest[c] is { } waiter && waiter.SinceNs < ns)
                return waiter;
        return null;
    }

    /// <summary>
    /// Where all places are taken, somebody has to go: the oldest of the least critical class, where that is less critical than who comes, or
    /// where the oldest are the last to be served anyway; else who comes.
    /// </summary>
    /// <param name="evicted">Who went; already out of the line.</param>
    /// <returns>False: who came.</returns>
    public bool TryAdd(Waiter waiter, bool newestFirst, out Waiter? evicted)
    {
        evicted = null;
        var c = (int)waiter.Kind.Criticality;
        if (Count >= places)
        {
            for (var least = Classes - 1; least >= c && evicted is null; least--)
                if (least > c || newestFirst)
                    evicted = _oldest[least];
            if (evicted is null)
                return false;
            Remove(evicted);
        }
        waiter.Older = _newest[c];
        if (waiter.Older is { } older)
            older.Newer = waiter;
        else
            _oldest[c] = waiter;
        _newest[c] = waiter;
        waiter.IsInLine = true;
        Count++;
        return true;
    }

    /// <summary>False: it was not in the line any more.</summary>
    public bool Remove(Waiter waiter)
    {
        if (!waiter.IsInLine)
            return false;
        var c = (int)waiter.Kind.Criticality;
        if (waiter.Older is { } older)
            older.Newer = waiter.Newer;
        else
            _oldest[c] = waiter.Newer;
        if (waiter.Newer is { } newer)
            newer.Older = waiter.Older;
        else
            _newest[c] = waiter.Older;
        (waiter.Older, waiter.Newer, waiter.IsInLine) = (null, null, false);
        Count--;
        return true;
    }
}
