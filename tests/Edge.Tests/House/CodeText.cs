using System.Text;

namespace Edge.Tests.House;

/// <summary>Reads C# just well enough to tell code from what is written in strings and comments.</summary>
static class CodeText
{
    /// <summary>The same lines with every comment, string and character literal blanked, so that a rule about code meets only code.</summary>
    public static string WithoutTexts(string source)
    {
        var code = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length;)
        {
            var end = EndOfText(source, i);
            if (end == i)
            {
                code.Append(source[i++]);
                continue;
            }
            for (; i < end; i++)
                code.Append(source[i] == '\n' ? '\n' : ' ');
        }
        return code.ToString();
    }

    /// <summary>Where the text that begins here ends; the same place where none begins.</summary>
    static int EndOfText(string source, int start)
    {
        if (At(source, start, "//"))
            return After(source, "\n", start, unread: "\n");
        if (At(source, start, "/*"))
            return After(source, "*/", start + 2);
        if (source[start] == '\'')
            return EndOfLiteral(source, start + 1, '\'', isVerbatim: false);
        if (source[start] != '"')
            return start;
        var quotes = 0;
        while (start + quotes < source.Length && source[start + quotes] == '"')
            quotes++;
        if (quotes >= 3)
            return After(source, new('"', quotes), start + quotes);
        var isVerbatim = start > 0 && (source[start - 1] == '@' || (start > 1 && source[start - 1] == '$' && source[start - 2] == '@'));
        return EndOfLiteral(source, start + 1, '"', isVerbatim);
    }

    static int EndOfLiteral(string source, int from, char quote, bool isVerbatim)
    {
        for (var i = from; i < source.Length; i++)
        {
            if (source[i] == '\\' && !isVerbatim)
                i++;
            else if (source[i] == quote && isVerbatim && i + 1 < source.Length && source[i + 1] == quote)
                i++;
            else if (source[i] == quote)
                return i + 1;
        }
        return source.Length;
    }

    static bool At(string source, int index, string text) => string.CompareOrdinal(source, index, text, 0, text.Length) == 0;

    static int After(string source, string end, int from, string unread = "")
    {
        var found = source.IndexOf(end, from, StringComparison.Ordinal);
        return found < 0 ? source.Length : found + end.Length - unread.Length;
    }
}
