using Edge.Core.Caching;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Places;

/// <summary>What is in a cell.</summary>
/// <param name="IsFull">There is more than it was read of.</param>
internal sealed record CellContent(Candidate[] Candidates, bool IsFull)
{
    public int SizeBytes => 100 + Candidates.Sum(static candidate => candidate.SizeBytes);
}

/// <summary>
/// Cells are kept in this instance only: one costs another a look into an index. Whoever comes to a place or leaves it is told by name of the
/// place, which is the tag of the three cells that hold it.
/// </summary>
internal static class PlaceCache
{
    /// <summary>Every cell of people.</summary>
    public const string Users = "users nearby";

    /// <summary>Every cell of opportunities.</summary>
    public const string Opportunities = "opportunities nearby";

    public static string OneCell(string kind, string name) => kind + " " + name;

    public static readonly ChangeRule[] Changes =
    [
        new("user_locations", static change => CellsOf(Users, change)),
        new("opportunity_places", static change => CellsOf(Opportunities, change)),
        new("authors", static _ => [Users]),
    ];

    public static readonly CacheKind<CellContent> UserCells = new(new() { Name = "nearby.users", DurationMs = 30_000 });

    public static readonly CacheKind<CellContent> OpportunityCells = new(new() { Name = "nearby.opportunities", DurationMs = 60_000 });

    static string[] CellsOf(string kind, RowChange change) =>
        GeoPoint.TryParseKey(change.Key, out var place) ? Array.ConvertAll(Grid.NamesOfAll(place), name => OneCell(kind, name)) : [kind];
}
