using Edge.Core.Caching;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Places;

/// <summary>
/// Where people are, and who and what is around a place. A circle is answered from the cells that it touches: what is in them is cached, the
/// distances are computed for each request.
/// </summary>
/// <param name="cache">Null: every request asks the database.</param>
internal sealed class PlaceEndpoints(Database database, EdgeCache? cache, TimeProvider clock)
{
    const string Tag = "Places";
    const string Users = "users";

    /// <summary>Most that is read of one cell.</summary>
    public const int CandidateLimit = 20_000;

    /// <summary>How far rounding moves people at most: half a thousandth of a degree, both ways. They are in the cells of where they are.</summary>
    const double RoundingKm = 0.08;

    static readonly Parameter<double> Latitude = Parameters.Number("lat", -90, 90, fallback: null, "Latitude of the centre, in degrees.");
    static readonly Parameter<double> Longitude = Parameters.Number("lon", -180, 180, fallback: null, "Longitude of the centre, in degrees.", isAngle: true);
    static readonly Parameter<double> Radius = Parameters.Number("radius_km", 0.1m, 100, fallback: 10, "Radius around it, in kilometres.");
    static readonly Parameter<string?> Kind = Parameters.OneOf("kind", [Users, "opportunities"], Users, "What to look for.");

    public void Map(RouteTable routes)
    {
        routes.Write(
            new() { Method = HttpMethods.Put, Path = "/api/locations/current", Tag = Tag, Summary = "Where the signed-in user is now", Access = Access.Session, Example = LocationExample, BodyExample = BodyExample },
            static () => PlacesJson.Default.NewLocation, static () => PlacesJson.Default.CurrentLocation, Move);
        routes.Get(
            new() { Path = "/api/discovery/nearby", Tag = Tag, Cost = 2, Summary = "People or open opportunities around a place, nearest first", Parameters = [Latitude, Longitude, Radius, Kind, Parameters.Limit], Example = NearbyExample },
            static () => PlacesJson.Default.NearbyItems, Around);
    }

    internal async ValueTask<Answer<CurrentLocation>> Move(Call call, NewLocation body)
    {
        if (new BodyCheck().Place(body.Latitude, body.Longitude, out var place)
            .That(body.Accuracy is null or (>= 0 and <= 100_000), "accuracy", "must be a number of metres from 0 to 100000, or absent").Problem is { } problem)
            return problem;
        var (_, left, _, now) = await PlaceQueries.Move(database, call.SignedIn.UserId, place.Latitude, place.Longitude, body.Accuracy, call.Cancelled);
        RowChange[] changes = [new("user_locations", place.Key, Number: 0)];
        return (Answer<CurrentLocation>)now with { Changes = left is { } old ? [new("user_locations", old.Key, Number: 0), .. changes] : changes };
    }

    internal async ValueTask<Answer<NearbyItems>> Around(Call call)
    {
        var (centre, radiusKm) = (new GeoPoint(call.Get(Latitude), call.Get(Longitude)), call.Get(Radius));
        var isOfUsers = call.Get(Kind) == Users;
        var coverKm = radiusKm + (isOfUsers ? RoundingKm : 0);
        var grid = Grid.For(coverKm);
        var contents = await Contents(grid, grid.Cover(centre, coverKm), isOfUsers, call.Cancelled);
        var found = Nearby.Nearest(contents.SelectMany(static cell => cell.Candidates), centre, radiusKm, call.Get(Parameters.Limit), Now);
        return new NearbyItems([.. found.Select(static one => Shown(one))], contents.TrueForAll(static cell => !cell.IsFull));
    }

    DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>At most one round trip, however many cells are missing.</summary>
    async ValueTask<List<CellContent>> Contents(Grid grid, List<Cell> cells, bool isOfUsers, CancellationToken cancelled)
    {
        if (cache is null)
            return [.. await Read(cells, isOfUsers, cancelled)];
        var kind = isOfUsers ? PlaceCache.Users : PlaceCache.Opportunities;
        var keys = cells.ConvertAll(cell => PlaceCache.OneCell(kind, grid.NameOf(cell)));
        var answers = await cache.GetOrLoadMany(
            [.. keys.Select(key => new BulkKey(key, cache.PlacesOf(key, kind)))], isOfUsers ? PlaceCache.UserCells : PlaceCache.OpportunityCells, (this, cells, isOfUsers),
            // Without the load's token: see CachedRoute.
            static async (state, missing, _) => Array.ConvertAll(
                await state.Item1.Read([.. missing.Select(index => state.cells[index])], state.isOfUsers, CancellationToken.None),
                static content => new Loaded<CellContent>(content, content.SizeBytes)),
            cancelled);
        foreach (var answer in answers)
            answer.Failure?.Throw();
        return [.. Array.ConvertAll(answers, static answer => answer.Value)];
    }

    async ValueTask<CellContent[]> Read(List<Cell> cells, bool isOfUsers, CancellationToken cancelled)
    {
        double[] wests = [.. cells.Select(static cell => cell.West)], souths = [.. cells.Select(static cell => cell.South)];
        double[] easts = [.. cells.Select(static cell => cell.East)], norths = [.. cells.Select(static cell => cell.North)];
        var rows = isOfUsers
            ? await PlaceQueries.UsersIn(database, wests, souths, easts, norths, cancelled)
            : await PlaceQueries.OpportunitiesIn(database, wests, souths, easts, norths, Now, cancelled);
        var byCell = rows.ToLookup(static row => row.N, static row => new Candidate(row.Id, GeoPoint.Of(row.Latitude, row.Longitude), row.Name, row.Kind, row.ClosesAt));
        return [.. Enumerable.Range(1, cells.Count).Select(n => new CellContent([.. byCell[n].Take(CandidateLimit)], byCell[n].Skip(CandidateLimit).Any()))];
    }

    static NearbyItem Shown(Found found)
    {
        var (id, place, name, kind, closesAt) = found.Candidate;
        return kind is null
            ? new(id, name, Math.Round(found.Km, 1))
            : new(id, name, Math.Round(found.Km, 3), kind, place.Latitude, place.Longitude, closesAt);
    }

    const string BodyExample = """{ "latitude": 51.507, "longitude": -0.128, "accuracy": 12 }""";

    const string LocationExample = """{ "latitude": 51.507, "longitude": -0.128, "accuracy": 12, "recordedAt": "2026-05-04T09:12:44.120391Z" }""";

    const string NearbyExample = """
        {
          "items": [{
            "id": 5120, "name": "Mend forty chairs", "distanceKm": 0.412, "kind": "gig", "latitude": 51.507, "longitude": -0.128, "closesAt": "2026-06-30T18:00:00Z"
          }],
          "isComplete": true
        }
        """;
}
