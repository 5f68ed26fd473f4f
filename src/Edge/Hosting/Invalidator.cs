using System.Globalization;
using Edge.Core.Caching;
using Edge.Data.Changes;

namespace Edge.Hosting;

/// <summary>
/// Turns what changes in the database into what the cache forgets. Every instance hears of every change by itself, so a cut link to Redis
/// keeps no instance from hearing; each reports it under the name that its last transaction gave it, so that it counts once in the second level and,
/// while all is well, only one of them calls that.
/// A gap makes everything suspect rather than invalid: after an outage of the database all would otherwise be loaded at once, and nothing be
/// there to serve meanwhile. A gap that another instance covers concerns this instance's memory only: a scale-out expires nobody else's.
/// </summary>
internal sealed class Invalidator(EdgeCache cache, ChangeFeed changes) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var batch in changes.Read(stopping))
                if (batch.IsCovered)
                    cache.ExpireAllHere();
                else if (batch.IsGap)
                    await cache.ExpireAll();
                else
                    await Report(batch);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>Change by change, since instances may hear the same changes in other batches; the calls share their way to Redis.</summary>
    Task Report(ChangeBatch batch) => Task.WhenAll(batch.Changes.Select(change => cache.InvalidateTags(ChangeTags.Of(change), NameOf(change)).AsTask()));

    static string NameOf(RowChange change) => string.Create(CultureInfo.InvariantCulture, $"{change.Subject} {change.Number} {change.Key}");
}
