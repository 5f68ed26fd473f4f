using System.Collections.Concurrent;
using System.Threading.Channels;
using Edge.Core.Caching;
using Edge.Data;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <param name="Lifetime">From login, or from its last renewal, to its end.</param>
/// <param name="IsSliding">A session that is used does not end.</param>
internal sealed record SessionRules(TimeSpan Lifetime, bool IsSliding);

/// <summary>
/// Extends sessions that are used in the second half of their life: at most once per half life, whatever the number of requests and of
/// instances. No request waits for it: whoever is due is put on a bounded list, and one writer works it off. The update asks for the
/// end that was seen, so that of several instances the first wins and the others change nothing; and what is lost on the way (a full list,
/// a restart, Postgres away) the next request of the session brings again.
/// </summary>
/// <param name="cache">Null: sessions are not cached.</param>
internal sealed partial class SessionRenewals(Database database, EdgeCache? cache, SessionRules rules, TimeProvider clock, ILogger<SessionRenewals> log) : BackgroundService
{
    /// <summary>Most sessions on the list.</summary>
    const int ListLimit = 256;

    readonly Channel<Caller> _due = Channel.CreateBounded<Caller>(new BoundedChannelOptions(ListLimit) { SingleReader = true });

    // On the list or being written: a busy session is there once.
    readonly ConcurrentDictionary<string, bool> _listed = new(StringComparer.Ordinal);

    /// <summary>Told of each use of a session.</summary>
    public void Used(Caller caller)
    {
        if (!rules.IsSliding || caller.ExpiresAt - clock.GetUtcNow().UtcDateTime > rules.Lifetime / 2 || !_listed.TryAdd(caller.SessionKey, true))
            return;
        if (!_due.Writer.TryWrite(caller))
            _listed.TryRemove(caller.SessionKey, out _);
    }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var caller in _due.Reader.ReadAllAsync(stopping))
                await Extend(caller, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whoever is left is extended at their next request, here or elsewhere.
        }
    }

    async Task Extend(Caller caller, CancellationToken stopping)
    {
        try
        {
            var now = clock.GetUtcNow().UtcDateTime;
            await AccountQueries.Extend(database, Convert.FromHexString(caller.SessionKey), caller.ExpiresAt, now + rules.Lifetime, now, stopping);
            // Also where another instance was first: its news may still be on its way, and until then each request here would ask again.
            if (cache is not null)
                await cache.InvalidateTags([AccountCache.OneSession(caller.SessionKey)]);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            // Debug: requests fail of the same cause, and those say so.
            NotExtended(log, DatabaseFailures.Classify(failure));
        }
        finally
        {
            _listed.TryRemove(caller.SessionKey, out _);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "A session could not be extended: {Failure}", EventName = "SessionNotExtended")]
    static partial void NotExtended(ILogger log, DatabaseFailure failure);
}
