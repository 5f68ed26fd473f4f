using Npgsql;

namespace Edge.Data;

/// <summary>Makes one value of the row that the reader stands on.</summary>
public delegate T RowReader<out T>(NpgsqlDataReader reader);

/// <summary>Makes the value of all results of a batch. The reader stands before the first row of the first result.</summary>
public delegate ValueTask<T> BatchReader<T>(NpgsqlBatch batch, NpgsqlDataReader reader, CancellationToken cancel);

/// <summary>What the runtime must know of a generated query. One per <c>[Sql]</c> method, made once.</summary>
public sealed class Query(string name, bool isRead)
{
    /// <summary>Label in metrics and logs, as in <c>Product.ById</c>.</summary>
    public string Name { get; } = name;

    /// <summary>True if it only reads, so that running it a second time does no harm.</summary>
    public bool IsRead { get; } = isRead;
}
