using Npgsql;

namespace Edge.Data;

/// <summary>Reads one result of a statement in the shape that the method's return type asks for.</summary>
public static class QueryResult
{
    public static async ValueTask<T?> Optional<T>(Query query, NpgsqlDataReader reader, RowReader<T?> read, CancellationToken cancel)
    {
        if (!await reader.ReadAsync(cancel))
            return default;
        var value = read(reader);
        return await reader.ReadAsync(cancel) ? throw QueryErrors.SecondRow(query) : value;
    }

    public static async ValueTask<T> Single<T>(Query query, NpgsqlDataReader reader, RowReader<T> read, CancellationToken cancel)
    {
        if (!await reader.ReadAsync(cancel))
            throw QueryErrors.NoRow(query);
        var value = read(reader);
        return await reader.ReadAsync(cancel) ? throw QueryErrors.SecondRow(query) : value;
    }

    public static async ValueTask<List<T>> List<T>(Query query, NpgsqlDataReader reader, RowReader<T> read, CancellationToken cancel)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
            rows.Add(read(reader));
        return rows;
    }

    internal static async ValueTask<int> Affected(Query query, NpgsqlDataReader reader, RowReader<int> read, CancellationToken cancel)
    {
        await Drain(reader, cancel);
        return reader.RecordsAffected;
    }

    internal static async ValueTask<int> Drain(NpgsqlBatch batch, NpgsqlDataReader reader, CancellationToken cancel)
    {
        await Drain(reader, cancel);
        return reader.RecordsAffected;
    }

    static async ValueTask Drain(NpgsqlDataReader reader, CancellationToken cancel)
    {
        while (await reader.NextResultAsync(cancel))
        {
        }
    }
}
