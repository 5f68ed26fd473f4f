using System.Globalization;
using System.Text.Json;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class PlacesInProcess(TestBed bed) : PlaceFacts(bed.InProcess);

public sealed class PlacesNative(TestBed bed) : PlaceFacts(bed.Native);

public abstract class PlaceFacts : Facts
{
    const string Current = "/api/locations/current";

    private protected PlaceFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task What_is_near_is_what_looking_at_everything_finds()
    {
        const string users = """
            select array[user_id::float8, round(latitude::numeric, 3)::float8, round(longitude::numeric, 3)::float8] from user_locations where is_current
            """;
        const string opportunities = "select array[id::float8, latitude, longitude] from opportunities where closes_at > now()";
        foreach (var (kind, sql) in new[] { ("users", users), ("opportunities", opportunities) })
        {
            var all = await Database.Column<double[]>(sql);
            var found = 0;
            (double Latitude, double Longitude)[] centres = [(51.51, -0.13), (52, 0), (48.86, 2.35), (41, -74), (-41.29, 174.78), (59.9, 10.75), (90, 0), (-90, 17), (0, 180), .. all.Take(5).Select(static one => (one[1], one[2]))];
            await All(
                from centre in centres from radiusKm in (double[])[0.1, 2, 5, 20, 100] select (centre, radiusKm),
                async one =>
                {
                    var (latitude, longitude) = one.centre;
                    var near = all.Select(place => (Id: (long)place[0], Km: Km(latitude, longitude, place[1], place[2])))
                        .Where(place => place.Km <= one.radiusKm).OrderBy(static place => place.Km).ThenBy(static place => place.Id).Take(50).ToList();
                    var target = string.Create(CultureInfo.InvariantCulture, $"/api/discovery/nearby?lat={latitude:F7}&lon={longitude:F7}&radius_km={one.radiusKm}&kind={kind}&limit=50");
                    var answer = await Edge.Json(target);
                    Assert.True(answer.GetProperty("isComplete").GetBoolean());
                    Assert.Equal(near.Select(static place => place.Id).Order(), answer.Items().Select(static item => item.Id()).Order());
                    Assert.All(answer.Items().Zip(near), pair => Assert.Equal(pair.Second.Km, pair.First.GetProperty("distanceKm").GetDouble(), tolerance: 0.051));
                    Interlocked.Add(ref found, near.Count);
                });
            Assert.True(found > 50, $"only {found} {kind} were near anything");
        }
    }

    [Fact]
    public async Task Nobody_is_told_where_people_are()
    {
        var items = (await Edge.Json("/api/discovery/nearby?lat=51.51&lon=-0.13&radius_km=50")).Items();
        Assert.NotEmpty(items);
        Assert.All(items, static item =>
        {
            Assert.Equal(["id", "name", "distanceKm"], item.Members());
            var km = item.GetProperty("distanceKm").GetDecimal();
            Assert.Equal(decimal.Round(km, 1), km);
        });
        var listings = (await Edge.Json("/api/discovery/nearby?lat=51.51&lon=-0.13&radius_km=100&kind=opportunities")).Items();
        Assert.All(listings, static item => Assert.Equal(["id", "name", "distanceKm", "kind", "latitude", "longitude", "closesAt"], item.Members()));
    }

    [Fact]
    public async Task Who_moves_is_found_there_at_once_and_no_longer_here()
    {
        await using var own = await OwnData.Start(Way);
        var (id, session) = await own.Database.NewUser();
        (string Latitude, string Longitude)[] places = [("-60", "179.99"), ("-60", "-179.99"), ("90", "5"), ("-60", "180"), ("-48.999", "100")];
        foreach (var (latitude, longitude) in places)
        {
            Assert.Equal([], await Near(own.Edge, latitude, longitude, id));
            using var answer = await own.Edge.SendJson(HttpMethod.Put, Current, $$"""{ "latitude": {{latitude}}, "longitude": {{longitude}}, "accuracy": 3.5 }""", session);
            var now = await own.Edge.Json(answer, Current);
            Assert.Equal(3.5, now.GetProperty("accuracy").GetDouble());
            Assert.Equal([id], await Near(own.Edge, latitude, longitude, id));
            Assert.Equal([id], await Near(own.Edge, latitude, longitude, id, radiusKm: "10"));
            Assert.Equal([id], await Near(own.Edge, latitude, longitude, id, radiusKm: "100"));
            foreach (var (otherLatitude, otherLongitude) in places.Where(other => other.Latitude != latitude))
                Assert.Equal([], await Near(own.Edge, otherLatitude, otherLongitude, id, radiusKm: "100"));
        }
        // The 180th meridian and the poles are no borders.
        Assert.Equal([], await Near(own.Edge, "-60", "179.999", id));
        using (var back = await own.Edge.SendJson(HttpMethod.Put, Current, """{ "latitude": -60, "longitude": -179.999 }""", session))
            Assert.Equal(JsonValueKind.Null, (await own.Edge.Json(back, Current)).GetProperty("accuracy").ValueKind);
        Assert.Equal([id], await Near(own.Edge, "-60", "179.999", id));
        using (var pole = await own.Edge.SendJson(HttpMethod.Put, Current, """{ "latitude": -89.999, "longitude": 10 }""", session))
            await own.Edge.Json(pole, Current);
        Assert.Equal([id], await Near(own.Edge, "-89.999", "-170", id));
    }

    [Fact]
    public async Task A_move_past_the_api_shows_within_moments()
    {
        await using var own = await OwnData.Start(Way);
        var (id, session) = await own.Database.NewUser();
        using (var answer = await own.Edge.SendJson(HttpMethod.Put, Current, """{ "latitude": -60, "longitude": 100 }""", session))
            await own.Edge.Json(answer, Current);
        Assert.Equal([id], await Near(own.Edge, "-60", "100", id));
        Assert.Equal([], await Near(own.Edge, "-55", "100", id));
        await own.Database.Execute("update user_locations set latitude = -55 where user_id = @id", ("id", id));
        await Poll.Until(async _ => (await Near(own.Edge, "-60", "100", id)).Count == 0 && (await Near(own.Edge, "-55", "100", id)).Count == 1, "the move is heard of", Cancelled);
    }

    [Fact]
    public async Task Places_written_at_once_leave_one_current_and_twenty_in_all()
    {
        await using var own = await OwnData.Start(Way);
        var (id, session) = await own.Database.NewUser();
        await All(Enumerable.Range(0, 60), async n =>
        {
            using var answer = await own.Edge.SendJson(HttpMethod.Put, Current, string.Create(CultureInfo.InvariantCulture, $$"""{ "latitude": {{n}}, "longitude": 100 }"""), session);
            await own.Edge.Json(answer, Current);
        });
        Assert.Equal(20L, await own.Database.Value<long>("select count(*) from user_locations where user_id = @id", ("id", id)));
        Assert.Equal(1L, await own.Database.Value<long>("select count(*) from user_locations where user_id = @id and is_current", ("id", id)));
    }

    [Theory]
    [InlineData("{}", "latitude longitude")]
    [InlineData("""{ "latitude": 91, "longitude": 181 }""", "latitude longitude")]
    [InlineData("""{ "latitude": "51", "longitude": 0 }""", "latitude")]
    [InlineData("""{ "latitude": -1e999, "longitude": 0 }""", "latitude")]
    [InlineData("""{ "latitude": 51, "longitude": 0, "accuracy": -1 }""", "accuracy")]
    [InlineData("""{ "latitude": 51, "longitude": 0, "accuracy": 100001 }""", "accuracy")]
    [InlineData("""{ "latitude": 51, "longitude": 0, "altitude": 10 }""", "altitude")]
    public async Task A_place_that_makes_no_sense_is_400_and_names_the_members(string body, string members)
    {
        var (_, session) = await Database.NewUser();
        using var answer = await Edge.SendJson(HttpMethod.Put, Current, body, session);
        Assert.Equal(members.Split(' '), (await answer.Problem(400)).GetProperty("errors").Members());
    }

    [Fact]
    public async Task Only_who_is_signed_in_has_a_place()
    {
        using var answer = await Edge.SendJson(HttpMethod.Put, Current, """{ "latitude": 51, "longitude": 0 }""");
        await answer.Problem(401);
    }

    static async Task<List<long>> Near(EdgeUnderTest edge, string latitude, string longitude, long id, string radiusKm = "1") =>
        [.. (await edge.Json($"/api/discovery/nearby?lat={latitude}&lon={longitude}&radius_km={radiusKm}")).Items().Select(static item => item.Id()).Where(found => found == id)];

    /// <summary>By the straight line through the earth: another formula than the one under test.</summary>
    static double Km(double latitude, double longitude, double otherLatitude, double otherLongitude)
    {
        var (a, b) = (Vector(latitude, longitude), Vector(otherLatitude, otherLongitude));
        var (x, y, z) = (a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        return 2 * 6371.0088 * Math.Asin(Math.Min(1, Math.Sqrt(x * x + y * y + z * z) / 2));
    }

    static (double X, double Y, double Z) Vector(double latitude, double longitude)
    {
        var (north, east) = (double.DegreesToRadians(latitude), double.DegreesToRadians(longitude));
        return (Math.Cos(north) * Math.Cos(east), Math.Cos(north) * Math.Sin(east), Math.Sin(north));
    }
}
