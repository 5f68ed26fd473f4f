namespace Edge.Data;

/// <summary>
/// Cuts a file into statements at the semicolons outside of quotes, dollar quotes and comments. Each then runs
/// on its own, for two reasons: the server tells the place of an error within the statement that it was sent,
/// so an exact line of the file can be shown; and statements sent together form one implicit transaction,
/// which CREATE INDEX CONCURRENTLY refuses. Function bodies must be dollar-quoted (BEGIN ATOMIC is not followed).
/// </summary>
internal static class MigrationStatements
{
    public static List<Range> Split(string text)
    {
        var statements = new List<Range>();
        var start = -1;
        for (var i = 0; i < text.Length;)
        {
            var end = EndOfQuietPart(text, i);
            if (end > i)
            {
                if (start < 0 && !IsComment(text, i)) start = i;
                i = end;
                continue;
            }
            if (text[i] == ';')
            {
                if (start >= 0) statements.Add(start..i);
                start = -1;
            }
            else if (start < 0 && !char.IsWhiteSpace(text[i]))
            {
                start = i;
            }
            i++;
        }
        if (start >= 0) statements.Add(start..text.Length);
        return statements;
    }

    static bool IsComment(string text, int i) =>
        text.AsSpan(i).StartsWith("--") || text.AsSpan(i).StartsWith("/*");

    // Where the quoted text or comment that begins at i ends; i itself where none begins.
    static int EndOfQuietPart(string text, int i) => text[i] switch
    {
        '\'' => EndOfQuote(text, i, backslashEscapes: i > 0 && text[i - 1] is 'e' or 'E'),
        '"' => EndOfQuote(text, i, backslashEscapes: false),
        '$' when i == 0 || !IsNamePart(text[i - 1]) => EndOfDollarQuote(text, i),
        '-' when text.AsSpan(i).StartsWith("--") => After(text, i, "\n"),
        '/' when text.AsSpan(i).StartsWith("/*") => EndOfBlockComment(text, i),
        _ => i,
    };

    static int EndOfQuote(string text, int i, bool backslashEscapes)
    {
        // A doubled quote ends one quoted part and begins the next: the outcome is the same.
        var quote = text[i];
        for (i++; i < text.Length; i++)
        {
            if (backslashEscapes && text[i] == '\\') i++;
            else if (text[i] == quote) return i + 1;
        }
        return text.Length;
    }

    static int EndOfDollarQuote(string text, int i)
    {
        var end = i + 1;
        while (end < text.Length && IsNamePart(text[end])) end++;
        if (end >= text.Length || text[end] != '$') return i;
        var tag = text[i..(end + 1)];
        return After(text, end + 1, tag);
    }

    static int EndOfBlockComment(string text, int i)
    {
        // They nest in Postgres.
        var depth = 0;
        while (i < text.Length)
        {
            var rest = text.AsSpan(i);
            if (rest.StartsWith("/*")) depth++;
            else if (rest.StartsWith("*/")) depth--;
            else
            {
                i++;
                continue;
            }
            i += 2;
            if (depth == 0) return i;
        }
        return text.Length;
    }

    static int After(string text, int i, string mark)
    {
        var found = text.IndexOf(mark, i, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + mark.Length;
    }

    static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
