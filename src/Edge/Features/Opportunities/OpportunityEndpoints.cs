using System.Globalization;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Opportunities;

/// <summary>Listings with a place, a kind, tags and a closing date. A closed one is shown to nobody; its author may still change or delete it.</summary>
internal sealed class OpportunityEndpoints(Database database, TimeProvider clock)
{
    const string Tag = "Opportunities";
    const int MostYearsOpen = 2;

    public static readonly Parameter<long> Id = Parameters.PathId("The opportunity's id.");
    static readonly Parameter<string?> Kind = Parameters.OneOf("kind", ["job", "gig", "volunteering", "event"], fallback: null, "Only this kind.");
    static readonly Parameter<string?> TagFilter = Parameters.Tag("Only opportunities with this tag.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/opportunities", Tag = Tag, Summary = "Open opportunities, newest first", Parameters = [Kind, TagFilter, Parameters.Limit, Parameters.Cursor], Example = ListExample, Cache = OpportunityCache.List },
            static () => OpportunitiesJson.Default.PageListedOpportunity, List);
        routes.Get(
            new() { Path = "/api/opportunities/{id}", Tag = Tag, Summary = "One open opportunity", Parameters = [Id], Problems = [404], Example = Example, Cache = OpportunityCache.Opportunity },
            static () => OpportunitiesJson.Default.Opportunity, One);
        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/api/opportunities", Tag = Tag, Summary = "Lists an opportunity", Access = Access.Session, Status = 201, Example = Example, BodyExample = BodyExample },
            static () => OpportunitiesJson.Default.OpportunityText, static () => OpportunitiesJson.Default.Opportunity, Add);
        routes.Write(
            new() { Method = HttpMethods.Put, Path = "/api/opportunities/{id}", Tag = Tag, RoundTrips = 3, Summary = "Replaces an opportunity, by its author or an admin", Access = Access.Session, Parameters = [Id], Problems = [403, 404, 412], Example = Example, BodyExample = BodyExample },
            static () => OpportunitiesJson.Default.OpportunityText, static () => OpportunitiesJson.Default.Opportunity, Replace);
        routes.Write(
            new() { Method = HttpMethods.Delete, Path = "/api/opportunities/{id}", Tag = Tag, RoundTrips = 3, Summary = "Deletes an opportunity, by its author or an admin", Access = Access.Session, Parameters = [Id], Problems = [403, 404, 412] },
            Delete);
    }

    internal async ValueTask<Answer<Page<ListedOpportunity>>> List(Call call)
    {
        var limit = call.Get(Parameters.Limit);
        var after = call.After ?? Cursor.Start;
        var rows = (call.Get(TagFilter), call.Get(Kind)) switch
        {
            ({ } tag, var kind) => await OpportunityQueries.NewestWithTag(database, tag, kind, Now, after.Time, after.Id, limit + 1, call.Cancelled),
            (null, { } kind) => await OpportunityQueries.NewestOfKind(database, kind, Now, after.Time, after.Id, limit + 1, call.Cancelled),
            _ => await OpportunityQueries.Newest(database, Now, after.Time, after.Id, limit + 1, call.Cancelled),
        };
        var endsAt = rows.Count > 0 ? rows.Min(static row => row.ClosesAt) : (DateTime?)null;
        return (Answer<Page<ListedOpportunity>>)call.Page(rows, limit, static row => Cursor.At(row.CreatedAt, row.Id)) with { EndsAt = endsAt };
    }

    internal async ValueTask<Answer<Opportunity>> One(Call call) =>
        await OpportunityQueries.ById(database, call.Get(Id), Now, call.Cancelled) is { } found
            ? (Answer<Opportunity>)found with { EndsAt = found.ClosesAt }
            : Problem.NotFound("opportunity");

    internal async ValueTask<Answer<Opportunity>> Add(Call call, OpportunityText body)
    {
        var now = Now;
        if (Check(body, now, out var text).Problem is { } problem)
            return problem;
        var made = await OpportunityQueries.Insert(
            database, call.SignedIn.UserId, call.SignedIn.Username, text.Kind, text.Title, text.Description, text.Tags, text.Place.Latitude, text.Place.Longitude,
            text.ClosesAt, now, call.Cancelled);
        return (Answer<Opportunity>)made with { Location = "/api/opportunities/" + Text(made.Id), Changes = Changed(made) };
    }

    internal async ValueTask<Answer<Opportunity>> Replace(Call call, OpportunityText body)
    {
        var now = Now;
        if (Check(body, now, out var text).Problem is { } problem)
            return problem;
        return await database.InTransaction<Answer<Opportunity>>(
            async (transaction, cancelled) =>
            {
                var (current, refusal) = await Lock(transaction, call, cancelled);
                if (current is null)
                    return refusal!;
                var changed = await OpportunityQueries.Replace(
                    transaction, current.Id, current.Author, text.Kind, text.Title, text.Description, text.Tags, text.Place.Latitude, text.Place.Longitude,
                    text.ClosesAt, now, cancelled);
                return (Answer<Opportunity>)changed with { Changes = [.. Changed(current), .. Changed(changed)] };
            },
            call.Cancelled);
    }

    internal async ValueTask<Answer<NoContent>> Delete(Call call) => await database.InTransaction<Answer<NoContent>>(
        async (transaction, cancelled) =>
        {
            var (current, refusal) = await Lock(transaction, call, cancelled);
            if (current is null)
                return refusal!;
            await OpportunityQueries.Delete(transaction, current.Id, cancelled);
            return (Answer<NoContent>)NoContent.Value with { Changes = Changed(current) };
        },
        call.Cancelled);

    DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The opportunity that the caller is about to change, or why it may not.</summary>
    async ValueTask<(Opportunity? Current, Problem? Refusal)> Lock(Transaction transaction, Call call, CancellationToken cancelled)
    {
        var current = await OpportunityQueries.Lock(transaction, call.Get(Id), cancelled);
        var isOwn = current is not null && call.SignedIn.MayChange(current.AuthorId);
        if (current is null || (!isOwn && current.ClosesAt <= Now))
            return (null, Problem.NotFound("opportunity"));
        if (!isOwn)
            return (null, Problem.Forbidden("Only its author or an admin may do this."));
        return call.Allows(current, OpportunitiesJson.Default.Opportunity) ? (current, null) : (null, Problem.PreconditionFailed);
    }

    readonly record struct Checked(OpportunityKind Kind, string Title, string Description, string[] Tags, GeoPoint Place, DateTime ClosesAt);

    static BodyCheck Check(OpportunityText body, DateTime now, out Checked text)
    {
        var (title, description) = (body.Title.Trim(), body.Description.Trim());
        // Of a time without an offset nobody knows when it is.
        var closesAt = body.ClosesAt.Kind == DateTimeKind.Unspecified ? DateTime.MinValue : body.ClosesAt.ToUniversalTime();
        var check = new BodyCheck().Text(title, "title", 1, 200).Text(description, "description", 1, 10_000).Place(body.Latitude, body.Longitude, out var place)
            .That(closesAt >= now.AddSeconds(1) && closesAt <= now.AddYears(MostYearsOpen), "closesAt", "must be a time from now to two years ahead, with its offset, as in 2026-05-04T09:00:00Z")
            .Tags(body.Tags, "tags", out var tags);
        text = new(body.Kind, title, description, tags, place, closesAt);
        return check;
    }

    static RowChange[] Changed(Opportunity row) =>
    [
        new("opportunities", Text(row.Id), Number: 0), new("opportunity_places", new GeoPoint(row.Latitude, row.Longitude).Key, Number: 0),
    ];

    static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    const string BodyExample = """
        {
          "kind": "gig", "title": "Mend forty chairs", "description": "Cane and rush; tools are here.", "latitude": 51.507, "longitude": -0.128,
          "closesAt": "2026-06-30T18:00:00Z", "tags": ["repair", "weekend"]
        }
        """;

    const string Example = """
        {
          "id": 5120, "kind": "gig", "title": "Mend forty chairs", "description": "Cane and rush; tools are here.", "tags": ["repair", "weekend"],
          "latitude": 51.507, "longitude": -0.128, "author": "ada_abbott", "closesAt": "2026-06-30T18:00:00Z", "createdAt": "2026-05-04T09:12:44.120391Z",
          "updatedAt": "2026-05-04T09:12:44.120391Z"
        }
        """;

    const string ListExample = """
        {
          "items": [{
            "id": 5120, "kind": "gig", "title": "Mend forty chairs", "tags": ["repair", "weekend"], "latitude": 51.507, "longitude": -0.128, "author": "ada_abbott",
            "closesAt": "2026-06-30T18:00:00Z", "createdAt": "2026-05-04T09:12:44.120391Z"
          }],
          "nextCursor": null
        }
        """;
}
