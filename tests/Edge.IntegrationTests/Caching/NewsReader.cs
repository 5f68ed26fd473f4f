using Edge.Core.Caching.L2;
using Edge.Testing;

namespace Edge.IntegrationTests.Caching;

/// <summary>Reads news one by one; none within <see cref="Poll.TimeoutSeconds"/> fails the test.</summary>
sealed class NewsReader : IAsyncDisposable
{
    readonly CancellationTokenSource _ended;
    readonly IAsyncEnumerator<L2Event> _news;
    Task<bool> _next = Task.FromResult(true);

    public NewsReader(ISecondLevel store, CancellationToken cancel)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _news = store.Listen(_ended.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    /// <summary>Returns when the link listens.</summary>
    public static async Task<NewsReader> Connected(ISecondLevel store, CancellationToken cancel)
    {
        var news = new NewsReader(store, cancel);
        await news.Next(L2EventKind.Connected);
        return news;
    }

    public async Task<L2Event> Next()
    {
        _next = _news.MoveNextAsync().AsTask();
        Assert.True(await _next.WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), _ended.Token), "the news has ended");
        return _news.Current;
    }

    public async Task<L2Event> Next(L2EventKind kind)
    {
        var next = await Next();
        Assert.Equal(kind, next.Kind);
        return next;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _next;
        await _news.DisposeAsync();
        _ended.Dispose();
    }
}
