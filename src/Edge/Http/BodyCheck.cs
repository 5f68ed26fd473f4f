using System.Buffers;
using System.Globalization;

namespace Edge.Http;

/// <summary>Gathers what is wrong with a body that is JSON of the right shape, so that all mistakes are told at once.</summary>
internal sealed class BodyCheck
{
    static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Except(['\n', '\r', '\t']).Concat(Enumerable.Range(0x7F, 0x21)).Select(static code => (char)code)]);

    /// <summary>Most tags that one thing may have.</summary>
    const int TagLimit = 10;

    /// <summary>Most tags that are looked at, repetitions and all.</summary>
    const int SentTagLimit = 100;

    /// <summary>Most characters of a tag.</summary>
    public const int TagChars = 40;

    readonly List<FieldError> _errors = [];

    /// <summary>Null: nothing is wrong.</summary>
    public Problem? Problem => _errors.Count == 0 ? null : Problem.Invalid(_errors);

    /// <param name="field">As in JSON: <c>items[2].quantity</c>.</param>
    /// <param name="rule">What it must be, after the field's name: "must be …".</param>
    public BodyCheck That(bool holds, string field, string rule)
    {
        if (!holds && !_errors.Contains(new(field, rule)))
            _errors.Add(new(field, rule));
        return this;
    }

    /// <summary>Text of <paramref name="min"/> to <paramref name="max"/> characters, lines and tabs allowed, other control characters not. Null is left out.</summary>
    public BodyCheck Text(string? text, string field, int min, int max) => That(
        text is null || (CodePoints(text) is var length && length >= min && length <= max && !text.AsSpan().ContainsAny(Controls)), field,
        string.Create(CultureInfo.InvariantCulture, $"must be {min} to {max} characters of text, without control characters"));

    /// <summary>A place on earth; 180° is kept as the −180° that it is.</summary>
    public BodyCheck Place(double latitude, double longitude, out GeoPoint place)
    {
        place = GeoPoint.Of(latitude, longitude);
        return That(latitude is >= -90 and <= 90, "latitude", "must be a number from -90 to 90")
            .That(longitude is >= -180 and <= 180, "longitude", "must be a number from -180 to 180");
    }

    /// <summary>Tags as they are kept: trimmed, lower-case, each once.</summary>
    /// <param name="tags">As they were sent. Null: there are none.</param>
    public BodyCheck Tags(string?[]? tags, string field, out string[] kept)
    {
        kept = tags is null || tags.Length > SentTagLimit ? [] : [.. tags.Select(static tag => (tag ?? "").Trim().ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
        That(tags is null || (tags.Length <= SentTagLimit && kept.Length <= TagLimit), field, $"must be at most {TagLimit} tags");
        for (var i = 0; i < kept.Length && i < TagLimit; i++)
            // Without lines and tabs, or nobody could ask for it: see Parameters.Tag.
            Text(kept[i].AsSpan().ContainsAny('\n', '\r', '\t') ? "" : kept[i], field, 1, TagChars);
        return this;
    }

    /// <summary>The length as Postgres and JSON Schema count. −1: a lone half of a surrogate pair is no text, nothing could write it down as UTF-8.</summary>
    public static int CodePoints(string text)
    {
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == System.Text.Rune.ReplacementChar && !text.Contains('\uFFFD'))
                return -1;
            count++;
        }
        return count;
    }
}
