using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Core.Basics;
using Microsoft.Extensions.Primitives;

namespace Edge.Http;

/// <summary>Renders a value once, tags it, and sends it, or 304 where the client has it already.</summary>
internal static class JsonAnswer
{
    // One buffer and writer per thread: rendering never suspends, so nobody else can be in the middle of using them.
    [ThreadStatic]
    static ArrayBufferWriter<byte>? t_buffer;

    [ThreadStatic]
    static Utf8JsonWriter? t_writer;

    // Text stays as it is: the answers are JSON for programs, never inlined into HTML, and nosniff holds browsers to that.
    internal static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A thread that once rendered something large does not keep the memory for ever.
    const int KeptBufferBytes = 256 * 1024;

    public const string ContentType = "application/json";

    /// <param name="json">Null: there is nothing to say, which is 204.</param>
    public static Task Write<T>(HttpContext context, T value, JsonTypeInfo<T>? json, Caching caching, int status)
    {
        if (json is not null)
            return Send(context, Render(value, json), caching, status);
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    /// <summary>The value's JSON, in a buffer of this thread: good until its next use, so to be copied before any await.</summary>
    public static ReadOnlySpan<byte> Render<T>(T value, JsonTypeInfo<T> json)
    {
        var buffer = t_buffer is { Capacity: <= KeptBufferBytes } kept ? kept : t_buffer = new(4096);
        var writer = t_writer ??= new(Stream.Null, WriterOptions);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, value, json);
        writer.Flush();
        return buffer.WrittenSpan;
    }

    /// <summary>Sends rendered JSON. The bytes are copied before the first suspension.</summary>
    public static Task Send(HttpContext context, ReadOnlySpan<byte> body, Caching caching, int status)
    {
        var response = context.Response;
        response.StatusCode = status;
        // What a write answers may say a secret beside what its client sent: compressed, its length would tell of it (BREACH).
        var encoding = body.Length < Rendered.CompressFromBytes || caching == Caching.None ? null : Rendered.EncodingFor(AcceptEncoding.Read(context.Request.Headers.AcceptEncoding));
        if (caching is Caching.Revalidate or Caching.Versioned)
        {
            var etag = StrongETag(body);
            response.Headers.ETag = encoding is null ? etag : Rendered.TagOf(etag, Rendered.SuffixOf(encoding));
        }
        if (caching == Caching.Revalidate)
        {
            SayRevalidate(response);
            if (IsKnownToClient(context, response.Headers.ETag.ToString()))
                return Task.CompletedTask;
        }
        else
            response.Headers.CacheControl = caching == Caching.None ? "no-store" : "private, no-store";
        return Send(context, encoding, encoding is null ? body : Rendered.Compressed(body, encoding));
    }

    /// <summary>Sends what was rendered once, for clients to ask whether it still holds.</summary>
    public static Task Send(HttpContext context, Rendered rendered)
    {
        var variant = rendered.For(AcceptEncoding.Read(context.Request.Headers.AcceptEncoding));
        context.Response.Headers.ETag = variant.ETag;
        SayRevalidate(context.Response);
        return IsKnownToClient(context, variant.ETag) ? Task.CompletedTask : Send(context, variant.Encoding, variant.Body.Span);
    }

    static void SayRevalidate(HttpResponse response)
    {
        response.Headers.CacheControl = "public, no-cache";
        response.Headers.Vary = Cors.Beside(response.Headers.Vary, "Accept-Encoding", "Origin, Accept-Encoding");
    }

    static Task Send(HttpContext context, string? encoding, ReadOnlySpan<byte> body)
    {
        var response = context.Response;
        if (encoding is not null)
            response.Headers.ContentEncoding = encoding;
        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        return SendBody(context, body);
    }

    /// <summary>Turns the answer into 304 where If-None-Match names its tag.</summary>
    public static bool IsKnownToClient(HttpContext context, string etag)
    {
        var conditions = context.Request.Headers.IfNoneMatch;
        if (conditions.Count == 0 || !Matches(conditions, etag))
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    public static Task SendBody(HttpContext context, ReadOnlySpan<byte> body)
    {
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        var writer = context.Response.BodyWriter;
        writer.Write(body);
        // Without RequestAborted: to ask for it makes a token source per request, and a flush ends with its connection anyway.
        var flush = writer.FlushAsync(CancellationToken.None);
        return flush.IsCompletedSuccessfully ? Task.CompletedTask : flush.AsTask();
    }

    /// <summary>A hash of the bytes: equal on every instance, so that a client may ask any of them.</summary>
    public static string StrongETag(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SipHash.HashBytes];
        SipHash.Hash128(body, hash);
        Span<char> tag = stackalloc char[24];
        tag[0] = tag[^1] = '"';
        Base64Url.EncodeToChars(hash, tag[1..]);
        return tag.ToString();
    }

    /// <summary>
    /// Weak comparison for If-None-Match (RFC 9110 section 13.1.2): a proxy may have weakened the tag when it compressed the body. Strong
    /// comparison for If-Match (section 13.1.1): what is changed must be exactly what was seen.
    /// </summary>
    internal static bool Matches(StringValues conditions, string etag, bool strongly = false)
    {
        foreach (var condition in conditions)
        {
            foreach (var range in condition.AsSpan().Split(','))
            {
                var candidate = condition.AsSpan(range).Trim();
                if (!strongly && candidate.StartsWith("W/", StringComparison.Ordinal))
                    candidate = candidate[2..];
                if (candidate.SequenceEqual(etag) || candidate is "*")
                    return true;
            }
        }
        return false;
    }
}
