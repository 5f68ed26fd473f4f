namespace Edge.Replay.Policies;

/// <summary>A cache that is only told of requests: on a miss it fetches and decides for itself what to keep.</summary>
internal abstract class ReplayPolicy
{
    /// <summary>True for a hit.</summary>
    public abstract bool Access(int key, int sizeBytes);
}
