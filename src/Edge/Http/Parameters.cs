using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Edge.Http;

/// <summary>The kinds of parameter that routes declare.</summary>
internal static class Parameters
{
    // Control characters have no place in an id, a slug or a search, and Postgres refuses NUL in text.
    static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(static code => (char)code)]);

    /// <summary>A positive 64-bit id in the path. Zeros before it would be further addresses of the same thing.</summary>
    public static Parameter<long> PathId(string description) => new(
        "id", ParameterPlace.Path, description, required: true, fallback: 0,
        static (string text, out long value, out string problem) =>
        {
            problem = "must be a whole number from 1 to 9223372036854775807, without zeros before it";
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && text[0] != '0';
        },
        static value => value.ToString(CultureInfo.InvariantCulture),
        static () => new() { ["type"] = "integer", ["format"] = "int64", ["minimum"] = 1 });

    /// <summary>Ids in the query, separated by commas, 1 to <paramref name="max"/> of them. Repeated ones are folded.</summary>
    public static Parameter<long[]> Ids(string name, int max, string description)
    {
        var sentence = string.Create(CultureInfo.InvariantCulture, $"must be 1 to {max} whole numbers from 1 to 9223372036854775807, separated by commas");
        return new(name, ParameterPlace.Query, description, required: true, fallback: [],
            (string text, out long[] value, out string problem) =>
            {
                (value, problem) = ([], sentence);
                var ids = new List<long>();
                foreach (var range in text.AsSpan().Split(','))
                {
                    if (ids.Count == max || !long.TryParse(text.AsSpan(range), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id <= 0)
                        return false;
                    ids.Add(id);
                }
                value = [.. ids.Distinct()];
                return true;
            },
            static value => string.Join(',', value),
            () => new() { ["type"] = "string", ["pattern"] = string.Create(CultureInfo.InvariantCulture, $"^[0-9]+(,[0-9]+){{0,{max - 1}}}$") });
    }

    /// <summary>A whole number in the query, within bounds, with a fallback.</summary>
    public static Parameter<int> Integer(string name, int min, int max, int fallback, string description)
    {
        var sentence = string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}");
        return new(name, ParameterPlace.Query, description, required: false, fallback,
            (string text, out int value, out string problem) =>
            {
                problem = sentence;
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;
            },
            static value => value.ToString(CultureInfo.InvariantCulture),
            () => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max, ["default"] = fallback });
    }

    /// <summary>A time in the query, RFC 3339 in UTC, to the microsecond as the database has it. Absent: null.</summary>
    public static Parameter<DateTime?> UtcTime(string name, string description) => new(
        name, ParameterPlace.Query, description, required: false, fallback: null,
        static (string text, out DateTime? value, out string problem) =>
        {
            problem = "must be a time in UTC, as 2026-05-01T08:00:00Z";
            var isTime = DateTime.TryParseExact(
                text, UtcTimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
            value = isTime ? time : null;
            return isTime;
        },
        static value => value!.Value.ToString(UtcTimeFormats[1], CultureInfo.InvariantCulture),
        static () => new() { ["type"] = "string", ["format"] = "date-time" });

    /// <summary>
    /// A decimal number in the query, within bounds, taken to seven decimals (of a degree: a centimetre). No exponents: they would be a second
    /// spelling.
    /// </summary>
    /// <param name="fallback">Null: it must be there.</param>
    /// <param name="isAngle">The upper bound is the lower one, spelled in another way.</param>
    public static Parameter<double> Number(string name, decimal min, decimal max, double? fallback, string description, bool isAngle = false)
    {
        const int decimals = 7;
        var sentence = string.Create(CultureInfo.InvariantCulture, $"must be a decimal number from {min} to {max}, as in 12.5");
        return new(name, ParameterPlace.Query, description, required: fallback is null, fallback ?? double.NaN,
            (string text, out double value, out string problem) =>
            {
                problem = sentence;
                var isNumber = decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                    && !text.StartsWith('+') && number >= min && number <= max;
                number = isNumber ? decimal.Round(number, decimals) : 0;
                // Plus zero: there is no negative one.
                value = (double)(isAngle && number == max ? min : number) + 0.0;
                return isNumber;
            },
            static value => ((decimal)value).ToString("0.#######", CultureInfo.InvariantCulture),
            () =>
            {
                var schema = new JsonObject { ["type"] = "number", ["minimum"] = min, ["maximum"] = max };
                if (fallback is not null)
                    schema["default"] = fallback;
                return schema;
            });
    }

    /// <summary>Free text in the query, trimmed, without control characters, 1 to <paramref name="max"/> characters.</summary>
    public static Parameter<string?> Text(string name, int max, bool required, string description)
    {
        var sentence = string.Create(CultureInfo.InvariantCulture, $"must be 1 to {max} characters of text, without control characters");
        return new(name, ParameterPlace.Query, description, required, fallback: null,
            (string text, out string? value, out string problem) =>
            {
                problem = sentence;
                value = text.Trim();
                return BodyCheck.CodePoints(value) is var length && length > 0 && length <= max && !value.AsSpan().ContainsAny(Controls);
            },
            static value => value!,
            () => new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = max });
    }

    /// <summary>A header that must be sent, of 1 to <paramref name="max"/> visible characters of ASCII.</summary>
    public static Parameter<string> Header(string name, int max, string description)
    {
        var sentence = string.Create(CultureInfo.InvariantCulture, $"must be 1 to {max} visible characters of ASCII, without spaces");
        return new(name, ParameterPlace.Header, description, required: true, fallback: "",
            (string text, out string value, out string problem) =>
            {
                problem = sentence;
                value = text;
                return text.Length > 0 && text.Length <= max && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
            },
            static value => value,
            () => new() { ["type"] = "string", ["pattern"] = "^[!-~]+$", ["minLength"] = 1, ["maxLength"] = max });
    }

    /// <summary>Lower-case words joined by hyphens, as in <c>garden-tools</c>.</summary>
    public static Parameter<string?> Slug(string name, ParameterPlace place, int max, string description)
    {
        var sentence = string.Create(CultureInfo.InvariantCulture, $"must be lower-case letters and digits joined by single hyphens, at most {max} characters");
        return new(name, place, description, required: place == ParameterPlace.Path, fallback: null,
            (string text, out string? value, out string problem) =>
            {
                problem = sentence;
                value = text;
                return IsSlug(text, max);
            },
            static value => value!,
            () => new() { ["type"] = "string", ["pattern"] = "^[a-z0-9]+(-[a-z0-9]+)*$", ["maxLength"] = max });
    }

    /// <summary>A user name, as the database accepts it.</summary>
    public static Parameter<string?> Username(string name, string description) => new(
        name, ParameterPlace.Query, description, required: false, fallback: null,
        static (string text, out string? value, out string problem) =>
        {
            problem = "must be 3 to 30 characters of a-z, 0-9 and _";
            value = text;
            return IsUsername(text);
        },
        static value => value!,
        static () => new() { ["type"] = "string", ["pattern"] = "^[a-z0-9_]{3,30}$" });

    /// <summary>A tag in the query, in whichever case.</summary>
    public static Parameter<string?> Tag(string description)
    {
        var text = Text("tag", BodyCheck.TagChars, required: false, description);
        return new(text.Name, text.Place, description, required: false, fallback: null,
            (string raw, out string? value, out string problem) =>
            {
                problem = text.Check(raw) ?? "";
                value = problem.Length == 0 ? text.Value(raw)!.ToLowerInvariant() : null;
                return value is not null;
            },
            static value => value!, text.Schema);
    }

    /// <summary>One of a fixed list of words. Null for <paramref name="fallback"/>: it may be absent.</summary>
    public static Parameter<string?> OneOf(string name, string[] words, string? fallback, string description)
    {
        var sentence = "must be one of: " + string.Join(", ", words);
        return new(name, ParameterPlace.Query, description, required: false, fallback,
            (string text, out string? value, out string problem) =>
            {
                problem = sentence;
                value = text;
                return Array.IndexOf(words, text) >= 0;
            },
            static value => value!,
            () =>
            {
                var schema = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(static word => (JsonNode)word)]) };
                if (fallback is not null)
                    schema["default"] = fallback;
                return schema;
            });
    }

    /// <summary>Where the next page starts. Checked by <see cref="Call"/>, which knows the list it belongs to.</summary>
    public static Parameter<string?> Cursor { get; } = new(
        "cursor", ParameterPlace.Query, "nextCursor of the page before; absent for the first page.", required: false, fallback: null,
        static (string text, out string? value, out string problem) =>
        {
            (value, problem) = (text, "");
            return true;
        },
        static value => value!,
        static () => new() { ["type"] = "string" });

    public static Parameter<int> Limit { get; } = Integer("limit", 1, 50, 20, "Most rows on the page.");

    /// <summary>Without a fraction, and with one of up to six digits.</summary>
    static readonly string[] UtcTimeFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'"];

    static readonly SearchValues<char> UsernameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>As the database's check.</summary>
    public static bool IsUsername(string text) => text.Length is >= 3 and <= 30 && !text.AsSpan().ContainsAnyExcept(UsernameCharacters);

    static bool IsSlug(string text, int max)
    {
        if (text.Length == 0 || text.Length > max || text[0] == '-' || text[^1] == '-')
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            var valid = char.IsAsciiLetterLower(text[i]) || char.IsAsciiDigit(text[i]) || (text[i] == '-' && text[i - 1] != '-');
            if (!valid)
                return false;
        }
        return true;
    }
}
