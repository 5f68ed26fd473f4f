using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Edge.Http;

/// <summary>How rows become a body that is sent while they come.</summary>
internal abstract class RowFormat<T>
{
    public abstract string ContentType { get; }

    /// <summary>What comes before the first row.</summary>
    public virtual void Begin(IBufferWriter<byte> to)
    {
    }

    public abstract void Row(IBufferWriter<byte> to, T row);

    /// <summary>What comes after the last row.</summary>
    public virtual void End(IBufferWriter<byte> to, long rows)
    {
    }
}

/// <summary>A row's JSON per line, and a last line by which a reader knows that it has them all.</summary>
internal sealed class Ndjson<T>(Func<JsonTypeInfo<T>> json) : RowFormat<T>
{
    public override string ContentType => "application/x-ndjson";

    public override void Row(IBufferWriter<byte> to, T row)
    {
        to.Write(JsonAnswer.Render(row, json()));
        to.Write("\n"u8);
    }

    public override void End(IBufferWriter<byte> to, long rows)
    {
        using var line = new Utf8JsonWriter(to, JsonAnswer.WriterOptions);
        line.WriteStartObject();
        line.WriteBoolean("complete"u8, true);
        line.WriteNumber("rows"u8, rows);
        line.WriteEndObject();
        line.Flush();
        to.Write("\n"u8);
    }
}
