namespace Edge.ApiTests;

/// <summary>
/// Base of all areas. An area is an abstract class of facts with two one-line heirs, one per way of running Edge, so that everything
/// that holds in process is proved of the binary too.
/// </summary>
public abstract class Facts : IAsyncLifetime
{
    private protected Facts(EdgeWay way) => Way = way;

    private protected EdgeWay Way { get; }

    /// <summary>The shared instance.</summary>
    private protected EdgeUnderTest Edge { get; private set; } = null!;

    private protected SeededDatabase Database => Way.Database;

    public async ValueTask InitializeAsync() => Edge = await Way.Shared;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
