using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Core.Caching.L2;

namespace Edge.Http;

/// <summary>Small values as JSON, on their way to the other instances.</summary>
/// <param name="format">Another one where the JSON of the type changes.</param>
internal sealed class JsonCodec<T>(JsonTypeInfo<T> json, ushort format) : ICacheCodec<T>
    where T : class
{
    /// <summary>What a value takes in memory for each byte of its JSON, about.</summary>
    const int SizeFactor = 2;

    public ushort Format => format;

    public bool TryWrite(T value, IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, value, json);
        return true;
    }

    public bool TryRead(ReadOnlyMemory<byte> bytes, [MaybeNullWhen(false)] out T value, out int sizeBytes)
    {
        (value, sizeBytes) = (null, SizeFactor * bytes.Length);
        try
        {
            value = JsonSerializer.Deserialize(bytes.Span, json);
            return value is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
