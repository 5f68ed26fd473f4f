namespace Edge.Data;

/// <summary>
/// Who waits for a round trip. When the last of them has left it is cancelled, as any operation that nobody waits for (<see cref="Deadlines"/>): clients that went
/// away must not keep a connection until a timeout.
/// </summary>
internal sealed class PipelineTrip(Deadline deadline)
{
    readonly Lock _gate = new();

    // The trip itself is one of them until it departs: whoever leaves before does not end it for those who are still to come along.
    int _waiting = 1;
    bool _hasEnded;

    /// <summary>False: its caller has left, and it is not sent.</summary>
    public bool TakeAlong(PipelinedRead read)
    {
        lock (_gate)
        {
            // In this order, and the other way round by who leaves: one of the two sees the other.
            read.Trip = this;
            if (read.HasLeft)
                return false;
            read.IsSent = true;
            _waiting++;
            return true;
        }
    }

    /// <summary>All that go are there.</summary>
    public void Depart()
    {
        lock (_gate)
            EndIfLast_NeedsLock();
    }

    /// <summary>Once for each that leaves.</summary>
    public void Left(PipelinedRead read)
    {
        lock (_gate)
        {
            if (read.IsSent)
                EndIfLast_NeedsLock();
        }
    }

    /// <summary>Before the deadline serves another.</summary>
    public void End()
    {
        lock (_gate)
            _hasEnded = true;
    }

    void EndIfLast_NeedsLock()
    {
        if (--_waiting == 0 && !_hasEnded)
            _ = deadline.Leave();
    }
}
