using System.Text;

namespace Edge.Data.Generator.Analysis;

internal static class SnakeCase
{
    /// <summary><c>InProgress</c> → <c>in_progress</c>, <c>HTTPError</c> → <c>http_error</c>.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var isUpper = char.IsUpper(name[i]);
            var isAfterLower = i > 0 && !char.IsUpper(name[i - 1]) && name[i - 1] != '_';
            var isBeforeLower = i > 0 && i + 1 < name.Length && char.IsUpper(name[i - 1]) && char.IsLower(name[i + 1]);
            if (isUpper && (isAfterLower || isBeforeLower))
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    /// <summary>What a column and a C# name have in common: <c>created_at</c> and <c>CreatedAt</c> are both <c>createdat</c>.</summary>
    public static string Key(string name) => name.Replace("_", "").ToLowerInvariant();
}
