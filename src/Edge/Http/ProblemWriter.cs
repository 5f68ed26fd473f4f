using System.Buffers;
using System.Text.Json;

namespace Edge.Http;

/// <summary>Sends a <see cref="Problem"/>. The only place that does, so that every error has the same shape and headers.</summary>
internal static class ProblemWriter
{
    public static Task Write(HttpContext context, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, JsonAnswer.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "urn:edge:problem:" + problem.Kind);
            json.WriteString("title"u8, problem.Title);
            json.WriteNumber("status"u8, problem.Status);
            json.WriteString("detail"u8, problem.Detail);
            json.WriteString("instance"u8, context.Request.Path.ToUriComponent());
            json.WriteString("traceId"u8, TraceId.Of(context));
            if (problem.Policy is not null)
            {
                // As draft-ietf-httpapi-ratelimit-headers names it.
                json.WriteStartArray("violated-policies"u8);
                json.WriteStringValue(problem.Policy);
                json.WriteEndArray();
            }
            if (problem.Errors.Count > 0)
                WriteErrors(json, problem.Errors);
            json.WriteEndObject();
        }

        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = "application/problem+json";
        response.ContentLength = body.WrittenCount;
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfterSeconds > 0)
            response.Headers.RetryAfter = problem.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (problem.Challenge is not null)
            response.Headers.WWWAuthenticate = problem.Challenge;

        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted).AsTask();
    }

    /// <summary>Errors of one field stand in one array, in the order found: <c>{ "limit": ["…", "…"] }</c>.</summary>
    static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<FieldError> errors)
    {
        json.WriteStartObject("errors"u8);
        for (var i = 0; i < errors.Count; i++)
        {
            var field = errors[i].Field;
            if (SeenBefore(errors, i))
                continue;
            json.WriteStartArray(field);
            for (var j = i; j < errors.Count; j++)
                if (errors[j].Field == field)
                    json.WriteStringValue(errors[j].Text);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    static bool SeenBefore(IReadOnlyList<FieldError> errors, int index)
    {
        for (var i = 0; i < index; i++)
            if (errors[i].Field == errors[index].Field)
                return true;
        return false;
    }
}
