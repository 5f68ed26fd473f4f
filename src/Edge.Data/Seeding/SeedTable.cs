using Npgsql;
using NpgsqlTypes;

namespace Edge.Data.Seeding;

/// <summary>
/// A table's content as a pure function: unit 0 to <see cref="Units"/> − 1 each write their rows, from a random
/// stream of their own. A unit is a row, or a parent whose rows these are (an order's items).
/// </summary>
internal abstract class SeedTable(string name, string columns, long units)
{
    public string Name => name;

    public string Columns => columns;

    public long Units => units;

    public abstract ValueTask Write(long unit, CopyWriter copy);
}

/// <summary>Rows of one COPY. Values go straight into the connection's buffer: memory stays constant.</summary>
internal sealed class CopyWriter(NpgsqlBinaryImporter importer, CancellationToken cancel)
{
    public long Rows { get; private set; }

    public Task Row()
    {
        Rows++;
        return importer.StartRowAsync(cancel);
    }

    public Task Long(long value) => importer.WriteAsync(value, NpgsqlDbType.Bigint, cancel);

    public Task Int(int value) => importer.WriteAsync(value, NpgsqlDbType.Integer, cancel);

    public Task Text(string value) => importer.WriteAsync(value, NpgsqlDbType.Text, cancel);

    public Task Texts(string[] value) => importer.WriteAsync(value, NpgsqlDbType.Array | NpgsqlDbType.Text, cancel);

    public Task Flag(bool value) => importer.WriteAsync(value, NpgsqlDbType.Boolean, cancel);

    public Task Double(double value) => importer.WriteAsync(value, NpgsqlDbType.Double, cancel);

    public Task Instant(DateTime value) => importer.WriteAsync(value, NpgsqlDbType.TimestampTz, cancel);

    /// <summary>numeric(12,2) of a whole number of cents.</summary>
    public Task Money(long cents) => importer.WriteAsync(new decimal((int)cents, (int)(cents >> 32), 0, false, 2), NpgsqlDbType.Numeric, cancel);

    public Task Null() => importer.WriteNullAsync(cancel);
}
