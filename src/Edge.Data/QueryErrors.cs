using Npgsql;

namespace Edge.Data;

/// <summary>Mistakes in a query that only the data can show. Programmer errors: the message names the query and the fix.</summary>
public static class QueryErrors
{
    public static InvalidOperationException NoRow(Query query) => new(
        $"Query {query.Name} found no row, but its method promises exactly one. Return an optional value (T?) if none is a case.");

    public static InvalidOperationException SecondRow(Query query) => new(
        $"Query {query.Name} found a second row, but its method takes one. Return List<T>, or add 'limit 1' if any will do.");

    public static InvalidOperationException UnknownText(Query query, NpgsqlDataReader reader, int ordinal, string enumName) => new(
        $"Query {query.Name}: column '{reader.GetName(ordinal)}' holds '{reader.GetString(ordinal)}', which is no member of {enumName}.");

    public static ArgumentOutOfRangeException UnknownMember(string enumName, long value) => new(
        nameof(value), value, $"{enumName} has no member with this value, so there is no text to store.");
}
