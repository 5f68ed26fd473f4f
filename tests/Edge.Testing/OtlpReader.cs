using System.Globalization;
using System.Text;

namespace Edge.Testing;

/// <summary>Reads as much of OTLP's protobuf as tests ask for: opentelemetry/proto/collector/trace/v1 and metrics/v1.</summary>
static class OtlpReader
{
    // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2.
    public static IEnumerable<CollectedSpan> Spans(byte[] request) =>
        Messages(request, 1).SelectMany(static resource => Messages(resource, 2)).SelectMany(static scope => Messages(scope, 2)).Select(Span);

    static CollectedSpan Span(byte[] span)
    {
        var fields = Fields(span).ToLookup(static field => field.Number, static field => field);
        string Hex(int number) => fields[number].Select(static field => Convert.ToHexStringLower(field.Bytes)).FirstOrDefault("");
        var attributes = fields[9].Select(static field => Attribute(field.Bytes)).ToDictionary();
        // Status.code = 3: 2 is an error.
        var isError = fields[15].Any(static status => Fields(status.Bytes).Any(static field => field is { Number: 3, Value: 2 }));
        return new(Hex(1), Hex(2), Hex(4), Encoding.UTF8.GetString(fields[5].First().Bytes), (int)fields[6].First().Value, attributes, isError);
    }

    static KeyValuePair<string, string> Attribute(byte[] pair)
    {
        var fields = Fields(pair).ToDictionary(static field => field.Number, static field => field.Bytes);
        return new(Encoding.UTF8.GetString(fields[1]), Value(fields[2]));
    }

    // AnyValue: a text is 1, a flag 2, a whole number 3, a list 5.
    static string Value(byte[] value)
    {
        var field = Fields(value).Single();
        return field.Number switch
        {
            1 => Encoding.UTF8.GetString(field.Bytes),
            2 or 3 => field.Value.ToString(CultureInfo.InvariantCulture),
            5 => string.Join(", ", Messages(field.Bytes, 1).Select(Value)),
            _ => throw new FormatException($"An attribute's value of kind {field.Number}."),
        };
    }

    static IEnumerable<byte[]> Messages(byte[] message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(static field => field.Bytes);

    static IEnumerable<(int Number, long Value, byte[] Bytes)> Fields(byte[] message)
    {
        var position = 0;
        long Varint()
        {
            var (value, shift) = (0L, 0);
            while (true)
            {
                var next = message[position++];
                value |= (long)(next & 0x7f) << shift;
                if (next < 0x80)
                    return value;
                shift += 7;
            }
        }
        byte[] Next(int count) => message[position..(position += count)];

        while (position < message.Length)
        {
            var tag = (int)Varint();
            yield return (tag >> 3, tag & 7) switch
            {
                (var number, 0) => (number, Varint(), []),
                (var number, 1) => (number, 0, Next(8)),
                (var number, 2) => (number, 0, Next((int)Varint())),
                (var number, 5) => (number, 0, Next(4)),
                _ => throw new FormatException($"A protobuf tag {tag}."),
            };
        }
    }
}
