using Edge.Features.Places;
using Edge.Http;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Features;

/// <summary>The grids, against looking at everything.</summary>
public sealed class GridTests
{
    /// <summary>Most cells that a circle may touch.</summary>
    const int CellLimit = 40;

    static readonly DateTime Now = new(2026, 5, 1, 0, 0, 0, DateTimeKind.Utc);

    static readonly double[] Radii = [0.1, 1, 2, 2.08, 10, 20, 20.08, 50, 100, 100.08];

    /// <summary>Anywhere, and more often than by chance where it is hard: at the poles, the 180th meridian, the borders of cells.</summary>
    static readonly Gen<GeoPoint> Points =
        from latitude in Gen.OneOf(
            Numbers(-90, 90), Gen.Elements(-90.0, 90, 0, 89.999999, -89.999999, 51, 51.25, 51.05, -33.5), Numbers(88, 90), Numbers(-90, -88), Numbers(50.9, 51.1))
        from longitude in Gen.OneOf(
            Numbers(-180, 180), Gen.Elements(-180.0, 179.9999999, 0, 90, -90, 51.25), Numbers(179, 180), Numbers(-180, -179), Numbers(-0.2, 0.2))
        select GeoPoint.Of(latitude, longitude);

    /// <summary>Close enough to be within the radius as often as not.</summary>
    static readonly Gen<(GeoPoint Centre, double RadiusKm, GeoPoint[] Others)> Cases =
        from centre in Points
        from radiusKm in Gen.Elements(Radii)
        from others in Gen.ArrayOf(
            Gen.OneOf(Points, from bearing in Numbers(0, 2 * Math.PI) from share in Numbers(0, 1.5) select From(centre, bearing, share * radiusKm)), 40)
        select (centre, radiusKm, others);

    [Fact]
    public void What_is_found_in_the_cells_is_what_is_found_everywhere() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(Cases.ToArbitrary(), static one =>
        {
            var all = one.Others.Select(static (place, i) => new Candidate(i, place, "", null, null)).ToList();
            var grid = Grid.For(one.RadiusKm);
            var cells = grid.Cover(one.Centre, one.RadiusKm);
            var within = cells.SelectMany(cell => all.Where(candidate => cell.Holds(candidate.Place))).ToList();
            var found = Nearby.Nearest(within, one.Centre, one.RadiusKm, all.Count, Now);
            var expected = all.Where(candidate => ChordKm(one.Centre, candidate.Place) <= one.RadiusKm).ToList();
            // Two formulas may differ in the last digits, at the very edge only.
            bool IsAtEdge(Candidate candidate) => Math.Abs(ChordKm(one.Centre, candidate.Place) - one.RadiusKm) < 1e-6;
            return cells.Count <= CellLimit
                && cells.Distinct().Count() == cells.Count
                && found.Select(static f => f.Candidate).Where(candidate => !IsAtEdge(candidate)).ToHashSet().SetEquals(expected.Where(candidate => !IsAtEdge(candidate)))
                && found.Zip(found.Skip(1)).All(static pair => pair.First.Km <= pair.Second.Km);
        }));

    [Fact]
    public void Every_place_is_in_exactly_the_cell_that_it_is_said_to_be_in() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(Points.ToArbitrary(), static place => Radii.All(radiusKm =>
        {
            var grid = Grid.For(radiusKm);
            return grid.CellOf(place).Holds(place) && grid.Cover(place, radiusKm).Where(cell => cell.Holds(place)).SequenceEqual([grid.CellOf(place)])
                && Grid.NamesOfAll(place).Contains(grid.NameOf(grid.CellOf(place)));
        })));

    [Fact]
    public void A_place_is_told_by_a_name_that_means_it() => Check.One(
        Config.QuickThrowOnFailure, Prop.ForAll(Points.ToArbitrary(), static place => GeoPoint.TryParseKey(place.Key, out var read) && read == place));

    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(0, 179.5, 0, -179.5, 111.195)]
    [InlineData(89.5, 0, 89.5, -180, 111.195)]
    [InlineData(90, 0, -90, 0, 20015.115)]
    [InlineData(51.5, -0.12, 48.86, 2.35, 342.165)]
    public void Distances_are_along_great_circles(double latitude, double longitude, double otherLatitude, double otherLongitude, double km) =>
        Assert.Equal(km, GeoPoint.Of(latitude, longitude).KmTo(GeoPoint.Of(otherLatitude, otherLongitude)), tolerance: 0.01);

    [Fact]
    public void What_has_closed_is_not_found()
    {
        Candidate[] candidates = [new(1, default, "", "gig", Now), new(2, default, "", "gig", Now.AddSeconds(1)), new(3, default, "", null, null)];
        Assert.Equal([2, 3], Nearby.Nearest(candidates, default, 1, 50, Now).Select(static found => found.Candidate.Id));
        Assert.Equal([2], Nearby.Nearest(candidates, default, 1, 1, Now).Select(static found => found.Candidate.Id));
    }

    static Gen<double> Numbers(double from, double to) => Gen.Choose(0, 1_000_000_000).Select(n => from + (to - from) * n / 1_000_000_000);

    /// <summary>By the straight line through the earth: another formula than the one under test.</summary>
    static double ChordKm(GeoPoint a, GeoPoint b)
    {
        var ((x, y, z), (u, v, w)) = (Vector(a), Vector(b));
        return 2 * GeoPoint.EarthKm * Math.Asin(Math.Min(1, Math.Sqrt((x - u) * (x - u) + (y - v) * (y - v) + (z - w) * (z - w)) / 2));
    }

    static (double X, double Y, double Z) Vector(GeoPoint place)
    {
        var (latitude, longitude) = (double.DegreesToRadians(place.Latitude), double.DegreesToRadians(place.Longitude));
        return (Math.Cos(latitude) * Math.Cos(longitude), Math.Cos(latitude) * Math.Sin(longitude), Math.Sin(latitude));
    }

    static GeoPoint From(GeoPoint start, double bearing, double km)
    {
        var (latitude, angle) = (double.DegreesToRadians(start.Latitude), km / GeoPoint.EarthKm);
        var sine = Math.Sin(latitude) * Math.Cos(angle) + Math.Cos(latitude) * Math.Sin(angle) * Math.Cos(bearing);
        var east = Math.Atan2(Math.Sin(bearing) * Math.Sin(angle) * Math.Cos(latitude), Math.Cos(angle) - Math.Sin(latitude) * sine);
        var longitude = start.Longitude + double.RadiansToDegrees(east);
        return GeoPoint.Of(double.RadiansToDegrees(Math.Asin(Math.Clamp(sine, -1, 1))), longitude >= 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude);
    }
}
