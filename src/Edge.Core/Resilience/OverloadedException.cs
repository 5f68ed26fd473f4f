namespace Edge.Core.Resilience;

/// <summary>Work was shed. Handed on as a value to those who wait for a load of the cache, and not thrown: a throw costs more than what it refuses.</summary>
public sealed class OverloadedException : Exception
{
    OverloadedException() : base("There is more to do than can be done.")
    {
    }

    public static OverloadedException Instance { get; } = new();
}
