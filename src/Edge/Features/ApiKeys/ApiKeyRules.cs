using Edge.Http;

namespace Edge.Features.ApiKeys;

/// <summary>What a key and its plan may be called. The checks of the table are the same.</summary>
internal static class ApiKeyRules
{
    /// <summary>The plan of a key that none was chosen for.</summary>
    public const string DefaultPlan = LimitSettings.StandardPlan;

    const int NameChars = 80;
    const int PlanChars = 40;

    public static BodyCheck KeyName(this BodyCheck check, string name) => check.Text(name, "name", 1, NameChars)
        .That(!name.AsSpan().ContainsAny('\n', '\r', '\t'), "name", "must be one line, without tabs");

    public static BodyCheck Plan(this BodyCheck check, string plan) =>
        check.That(IsPlanName(plan), "plan", "must be the name of a plan: 1 to 40 characters of A-Z, a-z, 0-9, _ and -");

    public static bool IsPlanName(string text)
    {
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-'))
                return false;
        return text.Length is >= 1 and <= PlanChars;
    }
}
