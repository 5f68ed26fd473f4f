using System.Globalization;
using Edge.Core.Caching;
using Edge.Core.Resilience;
using Edge.Data;
using Edge.Http;

namespace Edge.Features.Analytics;

/// <summary>What a user has bought and written, and what they may like: for themselves and for admins.</summary>
/// <param name="cache">Null: each call computes.</param>
internal sealed class AnalyticsEndpoints(Database database, EdgeCache? cache, TimeProvider clock)
{
    const string Tag = "Analytics";

    /// <summary>Most users of one bulk answer.</summary>
    const int BulkLimit = 200;

    static readonly Problem NotYours = Problem.Forbidden("Only the user and admins may see this.");

    static readonly Parameter<long> Id = Parameters.PathId("The user's id.");

    static readonly Parameter<long[]> UserIds = Parameters.Ids("user_ids", BulkLimit, "Ids of 1 to 200 users, separated by commas. One that is repeated counts once.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new()
            {
                Path = "/api/users/{id}/analytics", Tag = Tag, Cost = 3, Criticality = Criticality.Sheddable, Access = Access.Session, Parameters = [Id], Problems = [403, 404], Example = AnalyticsExample,
                Summary = "What a user has bought and written, for the user and for admins; up to 15 minutes old, as computedAt tells",
            },
            static () => AnalyticsJson.Default.UserAnalytics, One);
        routes.Get(
            new()
            {
                Path = "/api/users/{id}/recommendations", Tag = Tag, Cost = 3, Criticality = Criticality.Sheddable, Access = Access.Session, Parameters = [Id], Problems = [403, 404], Example = RecommendationsExample,
                Summary = "At most ten products that others bought together with the user's own, most often first, as they are now; for the user and for admins",
            },
            static () => AnalyticsJson.Default.RecommendedProducts, Recommendations);
        routes.Get(
            new()
            {
                Path = "/api/users/bulk-analytics", Tag = Tag, Cost = 10, Criticality = Criticality.Sheddable, Access = Access.Admin, Parameters = [UserIds], Example = BulkExample,
                Summary = "The analytics of many users in the order of their ids; those that no user has are in missing",
            },
            static () => AnalyticsJson.Default.BulkAnalytics, Bulk);
    }

    /// <summary>One round trip, none where it is cached.</summary>
    async ValueTask<Answer<UserAnalytics>> One(Call call)
    {
        var id = call.Get(Id);
        if (!call.SignedIn.MayChange(id))
            return NotYours;
        return (await Of([id], call.Cancelled))[0] is { } analytics ? analytics : Problem.NotFound("user");
    }

    /// <summary>Two round trips, one where the analytics are cached: products are shown as they are now.</summary>
    async ValueTask<Answer<RecommendedProducts>> Recommendations(Call call)
    {
        var id = call.Get(Id);
        if (!call.SignedIn.MayChange(id))
            return NotYours;
        if ((await Of([id], call.Cancelled))[0] is not { Recommendations: var recommended })
            return Problem.NotFound("user");
        if (recommended.Count == 0)
            return new RecommendedProducts([]);
        var products = (await AnalyticsQueries.Products(database, [.. recommended.Select(static one => one.ProductId)], call.Cancelled)).ToDictionary(static product => product.Id);
        return new RecommendedProducts(
        [
            .. recommended.Where(one => products.ContainsKey(one.ProductId)).Select(one => products[one.ProductId] switch
            {
                var product => new RecommendedProduct(product.Id, product.Name, product.Price, product.Stock, product.Category, one.Times),
            }),
        ]);
    }

    /// <summary>One round trip for all that are not cached, none where all are; one to Redis before it, and one after.</summary>
    async ValueTask<Answer<BulkAnalytics>> Bulk(Call call)
    {
        var ids = call.Get(UserIds);
        var found = await Of(ids, call.Cancelled);
        return new BulkAnalytics([.. found.OfType<UserAnalytics>()], [.. ids.Where((_, i) => found[i] is null)]);
    }

    /// <summary>In the order of the ids, of which none is there twice; null: there is no such user.</summary>
    async ValueTask<UserAnalytics?[]> Of(long[] ids, CancellationToken cancelled)
    {
        if (cache is null)
            return await Compute(ids, cancelled);
        var keys = Array.ConvertAll(ids, id => new BulkKey(
            AnalyticsCache.Key(id), cache.PlacesOf(AnalyticsCache.One(id.ToString(CultureInfo.InvariantCulture)), AnalyticsCache.Each)));
        var answers = await cache.GetOrLoadMany(keys, AnalyticsCache.OfUser, (this, ids), static (state, missing, _) => state.Item1.Load(Array.ConvertAll(missing, i => state.ids[i])), cancelled);
        foreach (var answer in answers)
            answer.Failure?.Throw();
        return Array.ConvertAll(answers, static answer => answer.Value);
    }

    /// <summary>Not cancelled: a cached load is for all who wait for it (CachedRoute), and the database's own timeouts end it.</summary>
    async ValueTask<Loaded<UserAnalytics?>[]> Load(long[] ids) =>
        Array.ConvertAll(await Compute(ids, CancellationToken.None), static analytics => new Loaded<UserAnalytics?>(analytics, AnalyticsCache.SizeBytes, IsNegative: analytics is null));

    async ValueTask<UserAnalytics?[]> Compute(long[] ids, CancellationToken cancelled)
    {
        var rows = await AnalyticsQueries.OfUsers(database, ids, cancelled);
        var now = clock.GetUtcNow().UtcDateTime;
        var users = rows.Users.ToDictionary(static user => user.Id);
        var orders = rows.Orders.ToDictionary(static row => row.UserId, static row => new OrderStatistics(row.OrderCount, row.TotalSpent, row.AverageOrderValue, row.LastOrderAt));
        var engagement = rows.Engagement.ToDictionary(static row => row.UserId, static row => new Engagement(row.Blogs, row.Stories, row.Opportunities, row.LastActiveAt));
        var boughtTogether = rows.BoughtTogether.ToLookup(static row => row.UserId, static row => new BoughtTogether(row.ProductId, row.Times));
        return Array.ConvertAll(ids, id => users.TryGetValue(id, out var user) ? new UserAnalytics(user, orders[id], engagement[id], [.. boughtTogether[id]], now) : null);
    }

    const string AnalyticsExample = """
        {
          "user": { "id": 73, "username": "ines_moreau", "displayName": "Ines Moreau", "createdAt": "2025-11-02T18:20:11.502113Z" },
          "orderStatistics": { "orderCount": 3, "totalSpent": 120.45, "averageOrderValue": 40.15, "lastOrderAt": "2026-04-28T09:12:44.018205Z" },
          "engagement": { "blogs": 2, "stories": 0, "opportunities": 1, "lastActiveAt": "2026-04-30T07:55:01.700129Z" },
          "recommendations": [{ "productId": 4711, "boughtTogether": 3 }],
          "computedAt": "2026-05-01T12:00:00.1234567Z"
        }
        """;

    const string BulkExample = $$"""{ "items": [{{AnalyticsExample}}], "missing": [999999999] }""";

    const string RecommendationsExample = """
        { "items": [{ "id": 4711, "name": "Enamelled kettle", "price": 39.90, "stock": 12, "category": "kitchen", "boughtTogether": 3 }] }
        """;
}
