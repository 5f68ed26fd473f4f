using System.Buffers;
using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Edge.Http;

/// <summary>
/// Reads a request's JSON. The whole body first, into a rented buffer (Kestrel's limit bounds it): then a mistake has a position, and nobody
/// holds half an object while a slow client sends the rest.
/// </summary>
internal static class JsonBody
{
    const int FirstBufferBytes = 4096;

    /// <summary>The value, or the problem with it. A body over the limit throws BadHttpRequestException, which the front answers.</summary>
    public static async ValueTask<Answer<T>> Read<T>(HttpContext context, JsonTypeInfo<T> json)
        where T : class
    {
        if (!IsJson(context.Request.ContentType))
            return Problem.OfStatus(StatusCodes.Status415UnsupportedMediaType);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(context.Request.ContentLength ?? 0, FirstBufferBytes, 1 << 20));
        try
        {
            var length = 0;
            while (await context.Request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted) is > 0 and var read)
            {
                length += read;
                if (length == buffer.Length)
                    buffer = Larger(buffer);
            }
            return Parse(buffer.AsSpan(0, length), json);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal static Answer<T> Parse<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, json) is { } value ? value : Problem.Invalid(new FieldError("body", "is null; send an object"));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, escaped, in a member's name: the reader has no exception of its own for it.
            return Problem.Invalid(new FieldError("body", "has a name that is no text: half a surrogate pair stands alone in it"));
        }
        catch (JsonException mistake)
        {
            if (Missing(bytes, json) is { Count: > 0 } missing)
                return Problem.Invalid(missing);
            // Not its own words: they name types of ours.
            var field = mistake.Path is { Length: > 2 } path ? path[2..] : "body";
            var place = string.Create(CultureInfo.InvariantCulture, $"line {mistake.LineNumber + 1}, byte {mistake.BytePositionInLine + 1}");
            return Problem.Invalid(FieldError.OfClientsOwn(field, $"does not fit the schema in /openapi.json, or is not JSON, at {place}"));
        }
    }

    /// <summary>Which members an object lacks. Asked only once it could not be read.</summary>
    static List<FieldError> Missing<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> json)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            var body = document.RootElement;
            return body.ValueKind == JsonValueKind.Object
                ? [.. json.Properties.Where(member => member.IsRequired && !body.TryGetProperty(member.Name, out _)).Select(static member => new FieldError(member.Name, "is missing"))]
                : [];
        }
        catch (Exception mistake) when (mistake is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var parameters = type.IndexOf(';');
        return (parameters < 0 ? type : type[..parameters]).Trim().Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
    }

    static byte[] Larger(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
