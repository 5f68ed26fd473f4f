using System.Globalization;

namespace Edge.Http;

/// <summary>A place on earth, in degrees: latitude from −90 to 90, longitude from −180 up to, not including, 180.</summary>
internal readonly record struct GeoPoint(double Latitude, double Longitude)
{
    /// <summary>Mean radius of the earth, which is taken for a sphere: at most half a percent off.</summary>
    public const double EarthKm = 6371.0088;

    /// <summary>With the one spelling that the tables have: 180° is −180°, and zero has no sign.</summary>
    public static GeoPoint Of(double latitude, double longitude) => new(latitude + 0.0, longitude == 180 ? -180 : longitude + 0.0);

    /// <summary>As the database names places to whoever listens for changes: <c>51.5,-0.12</c>.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Latitude},{Longitude}");

    public static bool TryParseKey(ReadOnlySpan<char> key, out GeoPoint place)
    {
        place = default;
        var comma = key.IndexOf(',');
        if (comma < 0 || !double.TryParse(key[..comma], NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            || !double.TryParse(key[(comma + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude))
            return false;
        place = Of(latitude, longitude);
        return latitude is >= -90 and <= 90 && longitude is >= -180 and <= 180;
    }

    /// <summary>Great-circle distance by the haversine formula, exact for near places too. Neither poles nor the 180th meridian are special to it.</summary>
    public double KmTo(GeoPoint other)
    {
        var (here, there) = (double.DegreesToRadians(Latitude), double.DegreesToRadians(other.Latitude));
        var north = Math.Sin((there - here) / 2);
        var east = Math.Sin(double.DegreesToRadians(other.Longitude - Longitude) / 2);
        return 2 * EarthKm * Math.Asin(Math.Min(1, Math.Sqrt(north * north + Math.Cos(here) * Math.Cos(there) * east * east)));
    }
}
