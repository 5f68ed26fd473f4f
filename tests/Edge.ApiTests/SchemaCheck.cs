using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Edge.ApiTests;

/// <summary>
/// JSON Schema, as far as /openapi.json uses it. A keyword that is not known here is an error, never ignored, and so is a member that
/// the schema does not name: what is not contracted is not sent.
/// </summary>
internal sealed class SchemaCheck(JsonElement document)
{
    readonly List<string> _faults = [];

    public List<string> Faults(JsonElement schema, JsonElement value)
    {
        Check(schema, value, "$");
        return _faults;
    }

    void Check(JsonElement schema, JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("type", out var types) && Allows(types, "null"))
            return;
        foreach (var keyword in schema.EnumerateObject())
            Check(schema, keyword, value, at);
    }

    void Check(JsonElement schema, JsonProperty keyword, JsonElement value, string at)
    {
        switch (keyword.Name)
        {
            case "$ref":
                Check(Resolve(keyword.Value.GetString()!), value, at);
                break;
            case "type":
                if (!TypesOf(value).Any(type => Allows(keyword.Value, type)))
                    _faults.Add($"{at} is {value.ValueKind}, not {keyword.Value}");
                break;
            case "properties":
                CheckMembers(schema, keyword.Value, value, at);
                break;
            case "required":
                foreach (var name in keyword.Value.EnumerateArray())
                    if (!value.TryGetProperty(name.GetString()!, out _))
                        _faults.Add($"{at}.{name} is missing");
                break;
            case "items":
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    Check(keyword.Value, item, $"{at}[{index++}]");
                break;
            case "additionalProperties":
                break; // with "properties"
            case "enum":
                Expect(keyword.Value.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)), keyword, value, at);
                break;
            case "pattern":
                Expect(Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!), keyword, value, at);
                break;
            case "minimum":
                Expect(value.GetDecimal() >= keyword.Value.GetDecimal(), keyword, value, at);
                break;
            case "maximum":
                Expect(value.GetDecimal() <= keyword.Value.GetDecimal(), keyword, value, at);
                break;
            case "minLength":
                Expect(value.GetString()!.EnumerateRunes().Count() >= keyword.Value.GetInt32(), keyword, value, at);
                break;
            case "maxLength":
                Expect(value.GetString()!.EnumerateRunes().Count() <= keyword.Value.GetInt32(), keyword, value, at);
                break;
            case "format":
                Expect(HasFormat(keyword.Value.GetString()!, value), keyword, value, at);
                break;
            case "description" or "default":
                break;
            default:
                throw new InvalidOperationException($"This check does not know the keyword {keyword.Name} at {at}.");
        }
    }

    void CheckMembers(JsonElement schema, JsonElement properties, JsonElement value, string at)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out var known) || schema.TryGetProperty("additionalProperties", out known))
                Check(known, member.Value, $"{at}.{member.Name}");
            else
                _faults.Add($"{at}.{member.Name} is not in the schema");
        }
    }

    void Expect(bool holds, JsonProperty keyword, JsonElement value, string at)
    {
        if (!holds)
            _faults.Add($"{at} is {value}, against {keyword.Name} {keyword.Value}");
    }

    JsonElement Resolve(string reference) =>
        reference[2..].Split('/').Aggregate(document, static (node, name) => node.GetProperty(name));

    static bool Allows(JsonElement types, string type) =>
        types.ValueKind == JsonValueKind.Array ? types.EnumerateArray().Any(one => one.GetString() == type) : types.GetString() == type;

    static IEnumerable<string> TypesOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => ["object"],
        JsonValueKind.Array => ["array"],
        JsonValueKind.String => ["string"],
        JsonValueKind.Number => value.TryGetInt64(out _) ? ["integer", "number"] : ["number"],
        JsonValueKind.True or JsonValueKind.False => ["boolean"],
        _ => ["null"],
    };

    static bool HasFormat(string format, JsonElement value) => format switch
    {
        "date-time" => value.GetString() is { } time && (time.EndsWith('Z') || time.EndsWith("+00:00", StringComparison.Ordinal))
            && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out _),
        "uri" => Uri.TryCreate(value.GetString(), UriKind.Absolute, out _),
        "int64" => value.TryGetInt64(out _),
        _ => throw new InvalidOperationException($"This check does not know the format {format}."),
    };
}
