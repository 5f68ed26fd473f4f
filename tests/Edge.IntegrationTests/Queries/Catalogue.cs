using Edge.Data;

namespace Edge.IntegrationTests.Queries;

/// <summary>Every query of the program, as the generator listed them.</summary>
static class Catalogue
{
    static readonly Dictionary<string, QueryDefinition> ByName = Edge.SqlCatalog.All.Concat(Edge.Data.SqlCatalog.All).ToDictionary(static query => query.Name);

    public static TheoryData<string> Names => [.. ByName.Keys];

    public static QueryDefinition Query(string name) => ByName[name];

    /// <summary>A query of one statement, made by hand, for the proof that a check can fail.</summary>
    public static QueryDefinition Made(string sql, QueryParameter[] parameters, QueryColumn[] columns, string? sequentialScan = null) =>
        new("Made.ByHand", IsRead: true, sequentialScan, parameters, [new(sql, parameters, columns)]);
}
