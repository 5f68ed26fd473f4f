using System.Buffers;
using System.Globalization;

namespace Edge.Http;

/// <summary>Gathers what is wrong with a body that is JSON of the right shape, so that all mistakes are told at once.</summary>
internal sealed class BodyCheck
{
    static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Except(['\n', '\r', '\t']).Concat(Enumerable.Range(0x7F, 0x21)).Select(static code => (char)code)]);

    readonly List<FieldError> _errors = [];

    /// <summary>Null: nothing is wrong.</summary>
    public Problem? Problem => _errors.Count == 0 ? null : Problem.Invalid(_errors);

    /// <param name="field">As in JSON: <c>items[2].quantity</c>.</param>
    /// <param name="rule">What it must be, after the field's name: "must be …".</param>
    public BodyCheck That(bool holds, string field, string rule)
    {
        if (!holds)
            _errors.Add(new(field, rule));
        return this;
    }

    /// <summary>Text of <paramref name="min"/> to <paramref name="max"/> characters, lines and tabs allowed, other control characters not. Null is left out.</summary>
    public BodyCheck Text(string? text, string field, int min, int max) => That(
        text is null || (CodePoints(text) is var length && length >= min && length <= max && !text.AsSpan().ContainsAny(Controls)), field,
        string.Create(CultureInfo.InvariantCulture, $"must be {min} to {max} characters of text, without control characters"));

    /// <summary>The length as Postgres and JSON Schema count. −1: a lone half of a surrogate pair is no text, nothing could write it down as UTF-8.</summary>
    static int CodePoints(string text)
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
