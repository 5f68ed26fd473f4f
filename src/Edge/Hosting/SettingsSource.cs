using System.Globalization;

namespace Edge.Hosting;

/// <summary>One mistake in the settings: where, what, and what to write instead. Never holds a secret's value.</summary>
internal sealed record SettingMistake(string Key, string Wrong, string Fix)
{
    public override string ToString() => $"{Key} {Wrong}; {Fix}";
}

/// <summary>
/// Reads typed values by key and gathers every mistake on the way, so that an operator mends all of them after one failed start. It also
/// remembers which keys were asked for: what nobody asks for is a typing error, or has no documentation.
/// </summary>
internal sealed class SettingsSource(IConfiguration configuration)
{
    readonly List<SettingMistake> _mistakes = [];
    readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public IReadOnlyList<SettingMistake> Mistakes => _mistakes;

    public IReadOnlyCollection<string> Known => _known;

    public void Mistake(string key, string wrong, string fix) => _mistakes.Add(new(key, wrong, fix));

    /// <summary>Null where it is absent or blank: an empty variable is how many tools unset one.</summary>
    public string? Text(string key)
    {
        _known.Add(key);
        var text = configuration[key];
        return string.IsNullOrWhiteSpace(text) || IsServiceLink(key, text) ? null : text.Trim();
    }

    public string? Secret(string key, int minChars)
    {
        var text = Text(key);
        if (text is null || text.Length >= minChars)
            return text;
        Mistake(key, $"has {text.Length} characters", $"use at least {minChars}, for example from: openssl rand -hex 24");
        return null;
    }

    public int Integer(string key, int min, int max, int fallback)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Mistake(key, $"is '{Shown(text)}'", string.Create(CultureInfo.InvariantCulture, $"write a whole number from {min} to {max}, or leave it out for {fallback}"));
        return fallback;
    }

    public bool Flag(string key, bool fallback = false) => OneOf(key, fallback ? "1" : "0", ["0", "1", "true", "false"]) is "1" or "true";

    /// <summary>One of a list of lower-case words; case does not matter.</summary>
    public string OneOf(string key, string fallback, params string[] words)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (Array.Find(words, word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known)
            return known;
        Mistake(key, $"is '{Shown(text)}'", $"write one of {string.Join(", ", words)}, or leave it out for {fallback}");
        return fallback;
    }

    /// <summary>Names keys with our prefix that no reader asked for, most likely misspelled, and those that hold what no reader looks into.</summary>
    public void RefuseUnknown(string prefix)
    {
        foreach (var section in configuration.GetChildren())
        {
            if (_known.Contains(section.Key.ToUpperInvariant()) && section.Value is null && section.GetChildren().Any())
                Mistake(section.Key, "is a list or an object", "write one text, with commas in it where there are several values");
            // Two underscores make a section of .NET's settings.
            if (section.Key.Equals(prefix.TrimEnd('_'), StringComparison.OrdinalIgnoreCase))
                foreach (var member in section.GetChildren())
                    RefuseUnknown($"{section.Key}__{member.Key}", prefix);
            else if (section.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !IsServiceLink(section.Key, section.Value) && !_known.Contains(section.Key.ToUpperInvariant()))
                RefuseUnknown(section.Key, prefix);
        }
    }

    void RefuseUnknown(string key, string prefix)
    {
        var nearest = _known.Where(known => known.StartsWith(prefix, StringComparison.Ordinal)).MinBy(known => Distance(known, key.ToUpperInvariant()));
        Mistake(key, "is not a setting of this version", nearest is null ? "remove it" : $"remove it, or did you mean {nearest}?");
    }

    /// <summary>
    /// Kubernetes tells each pod of every service beside it: one called "edge" makes EDGE_SERVICE_HOST, EDGE_PORT=tcp://… and the like,
    /// one called "redis" REDIS_PORT=tcp://…. None of them is meant for us, while tcp:// in any other key is a mistake.
    /// </summary>
    static bool IsServiceLink(string key, string? value) =>
        key.Contains("_SERVICE_HOST", StringComparison.Ordinal) || key.Contains("_SERVICE_PORT", StringComparison.Ordinal)
        || key.Contains("_TCP", StringComparison.Ordinal) || key.Contains("_UDP", StringComparison.Ordinal)
        || (value is not null && key.EndsWith("_PORT", StringComparison.Ordinal) && (value.StartsWith("tcp://", StringComparison.Ordinal) || value.StartsWith("udp://", StringComparison.Ordinal)));

    static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>Levenshtein, for "did you mean".</summary>
    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? diagonal : 1 + Math.Min(diagonal, Math.Min(row[j], row[j - 1]));
                (diagonal, row[j]) = (row[j], cost);
            }
        }
        return row[b.Length];
    }
}
