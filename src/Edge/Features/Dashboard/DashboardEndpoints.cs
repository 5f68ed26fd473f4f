using Edge.Core.Caching;
using Edge.Data;
using Edge.Http;

namespace Edge.Features.Dashboard;

/// <summary>
/// What somebody signed in wants to see first, in one answer. Its parts are fetched at the same time and fail alone: what all share comes from the
/// cache, which also has it while the database is away; what is one's own, in one batch. Where the batch fails although the server answers, each of
/// its parts is asked for by itself, at once with the others; what fails then is null and named. It is 200 whatever is missing.
/// </summary>
/// <param name="cache">Null: nothing is cached.</param>
internal sealed partial class DashboardEndpoints(Database database, EdgeCache? cache, OutageLog outages, TimeProvider clock, ILogger<DashboardEndpoints> log)
{
    const string Path = "/api/dashboard";

    /// <summary>What is not there by then counts as failed: twice what a lock may take, and a little. The queries end by the database's own timeouts.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public void Map(RouteTable routes) => routes.Get(
        new()
        {
            Path = Path, Tag = "Dashboard", RoundTrips = 3, Cost = 3, Summary = "One's own view of everything; a part that cannot be had is null, and named in degraded", Access = Access.Session, Example = Example,
        },
        static () => DashboardJson.Default.DashboardAnswer, Show);

    /// <summary>One round trip; two more where the shared parts are not in the cache.</summary>
    async ValueTask<Answer<DashboardAnswer>> Show(Call call)
    {
        var (userId, session) = (call.SignedIn.UserId, Convert.FromHexString(call.SignedIn.SessionKey));
        var degraded = new Degraded(call);
        var popular = Part(degraded, "popularProducts", Shared(DashboardCache.Popular, DashboardCache.PopularKind, static (database, cancelled) => DashboardQueries.Popular(database, cancelled)));
        var posts = Part(degraded, "latestPosts", Shared(DashboardCache.Posts, DashboardCache.PostsKind, static (database, cancelled) => DashboardQueries.Posts(database, cancelled)));
        var own = await Own(userId, session, degraded).WaitAsync(call.Cancelled);
        var answer = new DashboardAnswer(own.Statistics, own.Orders, await popular, own.Stories, await posts, own.Opportunities, []);
        return answer with { Degraded = degraded.Names };
    }

    /// <summary>Kept by this instance under the name that is also its tag; without a cache, asked for each time.</summary>
    async Task<List<T>> Shared<T>(string name, CacheKind<List<T>> kind, Func<Database, CancellationToken, ValueTask<List<T>>> load)
    {
        if (cache is null)
            return await load(database, CancellationToken.None);
        var answer = await cache.GetOrLoad(
            name, kind, cache.PlacesOf(name), (database, load),
            static async (state, _) => new Loaded<List<T>>(await state.load(state.database, CancellationToken.None), DashboardCache.ListBytes), CancellationToken.None);
        answer.Failure?.Throw();
        return answer.Value;
    }

    async Task<(OrderStatistics? Statistics, List<LatestOrder>? Orders, List<UnreadStory>? Stories, List<NearbyOpportunity>? Opportunities)> Own(
        long userId, byte[] session, Degraded degraded)
    {
        try
        {
            var all = await DashboardQueries.Personal(database, userId, session, CancellationToken.None).AsTask().WaitAsync(Patience, clock);
            return (all.Statistics, all.Orders, all.Stories, all.Opportunities);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Tell(failure, degraded.Call);
            // Nobody there, no room, or no answer: four more questions would have none either.
            if (failure is TimeoutException || DatabaseFailures.Classify(failure) is DatabaseFailure.Unavailable or DatabaseFailure.PoolExhausted)
            {
                foreach (var name in (string[])["orderStatistics", "latestOrders", "unreadStories", "nearbyOpportunities"])
                    degraded.Add(name);
                return default;
            }
        }
        var statistics = Part(degraded, "orderStatistics", One(DashboardQueries.Statistics(database, userId, CancellationToken.None), static found => found.Statistics));
        var orders = Part(degraded, "latestOrders", One(DashboardQueries.Orders(database, userId, CancellationToken.None), static found => found.Orders));
        var stories = Part(degraded, "unreadStories", One(DashboardQueries.Stories(database, userId, session, CancellationToken.None), static found => found.Stories));
        var opportunities = Part(degraded, "nearbyOpportunities", One(DashboardQueries.Opportunities(database, userId, CancellationToken.None), static found => found.Opportunities));
        return (await statistics, await orders, await stories, await opportunities);
    }

    static async Task<T> One<TRow, T>(ValueTask<TRow> query, Func<TRow, T> part) => part(await query);

    /// <summary>The part, or null and its name in <paramref name="degraded"/>.</summary>
    async Task<T?> Part<T>(Degraded degraded, string name, Task<T> part)
        where T : class
    {
        try
        {
            return await part.WaitAsync(Patience, clock);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Tell(failure, degraded.Call);
            degraded.Add(name);
            return null;
        }
    }

    /// <summary>An outage is told as every outage is; anything else is a mistake of ours.</summary>
    void Tell(Exception failure, Call call)
    {
        var kind = failure is TimeoutException or LoadTimeoutException ? DatabaseFailure.Timeout : DatabaseFailures.Classify(failure);
        if (kind == DatabaseFailure.Other)
            PartFailed(log, failure, call.TraceId, DatabaseFailures.QueryName(failure));
        else
            outages.Failed(kind, failure, call.TraceId, HttpMethods.Get, Path);
    }

    /// <summary>The names of parts that failed, which they do at the same time.</summary>
    sealed class Degraded(Call call)
    {
        public Call Call => call;

        readonly SortedSet<string> _names = new(StringComparer.Ordinal);

        public IReadOnlyList<string> Names
        {
            get
            {
                lock (_names)
                    return [.. _names];
            }
        }

        public void Add(string name)
        {
            lock (_names)
                _names.Add(name);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A part of a dashboard failed (trace {TraceId}, query {Query})", EventName = "DashboardPartFailed")]
    static partial void PartFailed(ILogger log, Exception failure, string traceId, string? query);

    const string Example = """
        {
          "orderStatistics": { "orderCount": 3, "totalSpent": 214.40, "averageOrderValue": 71.47, "lastOrderAt": "2026-05-04T09:12:44.120391Z" },
          "latestOrders": [{ "id": 91822, "status": "pending", "total": 94.30, "createdAt": "2026-05-04T09:12:44.120391Z" }],
          "popularProducts": [{ "id": 4211, "name": "Enamel pour-over kettle", "price": 39.90, "category": "coffee-and-tea", "bought": 312 }],
          "unreadStories": [
            { "id": 17, "content": "First tomatoes!", "author": "ines_moreau", "createdAt": "2026-05-04T08:00:00Z", "expiresAt": "2026-05-05T08:00:00Z" }
          ],
          "latestPosts": [{ "id": 12, "slug": "mending-a-kettle", "title": "Mending a kettle", "author": "ines_moreau", "publishedAt": "2026-05-03T10:00:00Z" }],
          "nearbyOpportunities": null,
          "degraded": ["nearbyOpportunities"]
        }
        """;
}
