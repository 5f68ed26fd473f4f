using System.Globalization;
using Edge.Http;

namespace Edge.Features.Places;

/// <summary>A cell of a grid: from its south-west corner up to, not including, its north-east one.</summary>
internal sealed record Cell(int Band, int Column, double South, double West, double North, double East)
{
    public bool Holds(GeoPoint place) => place.Latitude >= South && place.Latitude < North && place.Longitude >= West && place.Longitude < East;
}

/// <summary>
/// The globe in cells: bands of equal height, each cut into so many columns that its cells are about square where the band is widest. So
/// there are fewer columns towards the poles, and six around each, and any circle touches few cells wherever it lies. There are three grids, by
/// the radius that is asked for: cells much larger than the circle would hold what nobody asked for, much smaller ones be too many.
/// <para>
/// Every place is in exactly one cell of a grid: neighbours share a border that is computed by the same expression, and <see cref="CellOf"/>
/// and the database compare with it. What rounding might do to an index at a border is made up for by <see cref="SlackKm"/>.
/// </para>
/// </summary>
/// <param name="MostKm">The largest radius that it is for.</param>
/// <param name="HeightDegrees">Of a band; a whole number of them makes 180°.</param>
internal sealed record Grid(double MostKm, double HeightDegrees)
{
    /// <summary>The circle is taken for larger by this much: a metre, where doubles err by less than a millionth of one.</summary>
    const double SlackKm = 0.001;

    /// <summary>Above every latitude: the last band holds its pole too.</summary>
    const double BeyondThePole = 91;

    /// <summary>Cells of 5.6, 28 and 111 km.</summary>
    static readonly Grid[] All = [new(2, 0.05), new(20, 0.25), new(101, 1)];

    readonly int _bands = (int)Math.Round(180 / HeightDegrees);

    /// <summary>The grid for a radius.</summary>
    public static Grid For(double radiusKm) => Array.Find(All, grid => radiusKm <= grid.MostKm) ?? throw new ArgumentOutOfRangeException(nameof(radiusKm));

    /// <summary>The names of the cells that a place is in, one of each grid.</summary>
    public static string[] NamesOfAll(GeoPoint place) => Array.ConvertAll(All, grid => grid.NameOf(grid.CellOf(place)));

    /// <summary>One spelling per cell of all grids.</summary>
    public string NameOf(Cell cell) => string.Create(CultureInfo.InvariantCulture, $"{HeightDegrees}/{cell.Band}/{cell.Column}");

    public Cell CellOf(GeoPoint place)
    {
        var band = BandAt(place.Latitude);
        // The division may be off by one where a place lies on a border.
        if (place.Latitude < Latitude(band))
            band--;
        else if (place.Latitude >= Latitude(band + 1))
            band++;
        var columns = Columns(band);
        var column = Math.Clamp((int)((place.Longitude + 180) / 360 * columns), 0, columns - 1);
        if (place.Longitude < Longitude(column, columns))
            column--;
        else if (place.Longitude >= Longitude(column + 1, columns))
            column++;
        return At(band, column, columns);
    }

    /// <summary>Cells that together hold every place within the radius of the centre; each once.</summary>
    public List<Cell> Cover(GeoPoint centre, double radiusKm)
    {
        var angle = (radiusKm + SlackKm) / GeoPoint.EarthKm;
        var (south, north) = (centre.Latitude - double.RadiansToDegrees(angle), centre.Latitude + double.RadiansToDegrees(angle));
        // A circle that holds a pole has every longitude. Any other reaches as far east and west as its widest parallel.
        var halfWidth = south <= -90 || north >= 90 ? 180 : double.RadiansToDegrees(Math.Asin(Math.Min(1, Math.Sin(angle) / Math.Cos(double.DegreesToRadians(centre.Latitude)))));

        var cells = new List<Cell>();
        for (var band = BandAt(south); band <= BandAt(north); band++)
        {
            var columns = Columns(band);
            var first = (int)Math.Floor((centre.Longitude - halfWidth + 180) / 360 * columns);
            var last = (int)Math.Floor((centre.Longitude + halfWidth + 180) / 360 * columns);
            for (var column = first; column <= Math.Min(last, first + columns - 1); column++)
                // Across the 180th meridian the columns begin again.
                cells.Add(At(band, (column % columns + columns) % columns, columns));
        }
        return cells;
    }

    Cell At(int band, int column, int columns) => new(band, column, Latitude(band), Longitude(column, columns), Latitude(band + 1), Longitude(column + 1, columns));

    int BandAt(double latitude) => Math.Clamp((int)Math.Floor((latitude + 90) / 180 * _bands), 0, _bands - 1);

    double Latitude(int band) => band == _bands ? BeyondThePole : -90 + 180.0 * band / _bands;

    static double Longitude(int column, int columns) => -180 + 360.0 * column / columns;

    /// <summary>By the border that is nearer to the equator.</summary>
    int Columns(int band)
    {
        var widest = Math.Min(Math.Abs(-90 + 180.0 * band / _bands), Math.Abs(-90 + 180.0 * (band + 1) / _bands));
        return Math.Max(1, (int)(360 * Math.Cos(double.DegreesToRadians(widest)) / HeightDegrees));
    }
}
