using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

/// <summary>A database of one fact's own, which it may write to, and an instance that caches and follows it.</summary>
internal sealed record OwnData(EdgeUnderTest Edge, SeededDatabase Database) : IAsyncDisposable
{
    public static async Task<OwnData> Start(EdgeWay way)
    {
        var database = await way.Database.Copy(Cancelled);
        return new(await way.StartCached(database.Url, Cancelled), database);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Database.DisposeAsync();
    }
}
