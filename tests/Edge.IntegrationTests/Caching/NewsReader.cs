using Edge.Core.Caching.L2;
using Edge.Testing;

namespace Edge.IntegrationTests.Caching;

/// <summary>Reads news one by one; none within <see cref="Poll.TimeoutSeconds"/> fails the test.</summary>
sealed class NewsReader(ISecondLevel store, CancellationToken cancel) : IAsyncDisposable
{
    readonly IAsyncEnumerator<L2Event> _news = store.Listen(cancel).GetAsyncEnumerator(CancellationToken.None);

    /// <summary>Returns when the link listens.</summary>
    public static async Task<NewsReader> Connected(ISecondLevel store, CancellationToken cancel)
    {
        var news = new NewsReader(store, cancel);
        await news.Next(L2EventKind.Connected);
        return news;
    }

    public async Task<L2Event> Next()
    {
        var isThere = await _news.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), cancel);
        Assert.True(isThere, "the news has ended");
        return _news.Current;
    }

    public async Task<L2Event> Next(L2EventKind kind)
    {
        var next = await Next();
        Assert.Equal(kind, next.Kind);
        return next;
    }

    public ValueTask DisposeAsync() => _news.DisposeAsync();
}
