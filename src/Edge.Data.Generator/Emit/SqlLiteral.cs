using Microsoft.CodeAnalysis.CSharp;

namespace Edge.Data.Generator.Emit;

/// <summary>SQL as a C# literal that can still be read.</summary>
internal static class SqlLiteral
{
    /// <summary>Writes <paramref name="before"/>, the literal and <paramref name="after"/>; on several lines where the SQL has several.</summary>
    public static void Write(CodeWriter writer, string before, string sql, string after)
    {
        if (!sql.Contains('\n') || sql.Any(c => char.IsControl(c) && c != '\n' && c != '\t'))
        {
            writer.Line($"{before}{SymbolDisplay.FormatLiteral(sql, quote: true)}{after}");
            return;
        }
        var quotes = new string('"', Math.Max(3, LongestRun(sql, '"') + 1));
        writer.Line(before + quotes);
        writer.Indent();
        foreach (var line in sql.Split('\n'))
            writer.Line(line);
        writer.Line(quotes + after);
        writer.Unindent();
    }

    static int LongestRun(string text, char c)
    {
        var longest = 0;
        var run = 0;
        foreach (var x in text)
        {
            run = x == c ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        return longest;
    }
}
