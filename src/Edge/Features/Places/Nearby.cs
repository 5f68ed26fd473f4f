using Edge.Http;

namespace Edge.Features.Places;

/// <summary>Somebody or something at a place.</summary>
/// <param name="Name">User name or title.</param>
/// <param name="Kind">Of opportunities.</param>
/// <param name="ClosesAt">From then on it is not shown; null: always.</param>
internal sealed record Candidate(long Id, GeoPoint Place, string Name, string? Kind, DateTime? ClosesAt)
{
    /// <summary>What it takes in memory, about.</summary>
    public int SizeBytes => 120 + 2 * Name.Length;
}

internal sealed record Found(Candidate Candidate, double Km);

internal static class Nearby
{
    /// <summary>The nearest within the radius, nearest first, those at the same distance by id.</summary>
    public static List<Found> Nearest(IEnumerable<Candidate> candidates, GeoPoint centre, double radiusKm, int limit, DateTime now) =>
    [
        .. candidates.Where(candidate => candidate.ClosesAt is not { } closesAt || closesAt > now)
            .Select(candidate => new Found(candidate, centre.KmTo(candidate.Place)))
            .Where(found => found.Km <= radiusKm)
            .OrderBy(static found => found.Km).ThenBy(static found => found.Candidate.Id)
            .Take(limit),
    ];
}
