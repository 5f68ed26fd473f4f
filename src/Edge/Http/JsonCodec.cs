using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Core.Caching.L2;

namespace Edge.Http;

/// <summary>Typed entries on their way to the other instances as JSON: for those that are asked for seldom enough that parsing costs nothing.</summary>
/// <param name="format">A new number with each change of the type.</param>
internal sealed class JsonCodec<T>(ushort format, Func<JsonTypeInfo<T>> json) : ICacheCodec<T?>
    where T : class
{
    /// <summary>Objects take about so many times their text.</summary>
    const int MemoryFactor = 3;

    public ushort Format => format;

    /// <summary>Null ("there is no such thing") stays in its instance.</summary>
    public bool TryWrite(T? value, IBufferWriter<byte> to)
    {
        if (value is null)
            return false;
        using var writer = new Utf8JsonWriter(to, JsonAnswer.WriterOptions);
        JsonSerializer.Serialize(writer, value, json());
        return true;
    }

    public bool TryRead(ReadOnlyMemory<byte> bytes, [MaybeNullWhen(false)] out T? value, out int sizeBytes)
    {
        sizeBytes = MemoryFactor * bytes.Length;
        try
        {
            value = JsonSerializer.Deserialize(bytes.Span, json());
        }
        catch (JsonException)
        {
            value = null;
        }
        return value is not null;
    }
}
