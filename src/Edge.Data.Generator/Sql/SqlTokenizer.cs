namespace Edge.Data.Generator.Sql;

/// <summary>
/// Cuts SQL into tokens by the rules of Postgres's own scanner, as far as they decide what is a literal, a comment or a name. It
/// never fails on other text: what it does not know becomes a token of one character.
/// <para>
/// <c>@name</c> is not SQL. Where it could also be the tail of an operator, the parameter wins (<c>x&lt;@id</c> compares with the
/// parameter), except after another <c>@</c>: <c>search @@query</c> is the match operator and a column.
/// </para>
/// </summary>
internal sealed class SqlTokenizer
{
    const string OperatorCharacters = "+-*/<>=~!@#%^&|`?";

    readonly string text;
    readonly List<SqlToken> tokens = [];
    int at;

    SqlTokenizer(string text) => this.text = text;

    /// <summary>What is left open at the end of the text (<c>a literal</c>, <c>a comment</c>, …); null if nothing is.</summary>
    public string? Unterminated { get; private set; }

    public static (List<SqlToken> Tokens, string? Unterminated) Cut(string text)
    {
        var tokenizer = new SqlTokenizer(text);
        while (tokenizer.at < text.Length)
            tokenizer.Next();
        return (tokenizer.tokens, tokenizer.Unterminated);
    }

    char Current => text[at];

    char Peek(int ahead) => at + ahead < text.Length ? text[at + ahead] : '\0';

    void Next()
    {
        var c = Current;
        if (char.IsWhiteSpace(c))
            Add(SqlTokenKind.Space, EndWhile(at, char.IsWhiteSpace));
        else if (c == '-' && Peek(1) == '-')
            Add(SqlTokenKind.Comment, EndWhile(at, x => x is not ('\n' or '\r')));
        else if (c == '/' && Peek(1) == '*')
            Add(SqlTokenKind.Comment, EndOfBlockComment());
        else if (c == '\'')
            Add(SqlTokenKind.Literal, EndOfQuoted(at, '\'', hasEscapes: false, "a literal"));
        else if (c == '"')
            Add(SqlTokenKind.QuotedName, EndOfQuoted(at, '"', hasEscapes: false, "a quoted name"));
        else if (StartsName(c))
            AddWord();
        else if (c is >= '0' and <= '9' || (c == '.' && Peek(1) is >= '0' and <= '9' && !FollowsName()))
            Add(SqlTokenKind.Number, EndOfNumber());
        else if (c == '$')
            AddDollar();
        else if (c == ':' && Peek(1) == ':')
            Add(SqlTokenKind.Operator, at + 2);
        else if (OperatorCharacters.IndexOf(c) >= 0)
            AddOperatorOrParameter();
        else
            Add(SqlTokenKind.Punctuation, at + 1);
    }

    void Add(SqlTokenKind kind, int end)
    {
        tokens.Add(new SqlToken(kind, text.Substring(at, end - at)));
        at = end;
    }

    void AddWord()
    {
        var end = EndWhile(at, ContinuesName);
        var isQuoteNext = end < text.Length && text[end] == '\'';
        if (isQuoteNext && end - at == 1 && Current is 'e' or 'E')
            Add(SqlTokenKind.Literal, EndOfQuoted(end, '\'', hasEscapes: true, "a literal"));
        else if (isQuoteNext && end - at == 1 && Current is 'b' or 'B' or 'x' or 'X' or 'n' or 'N')
            Add(SqlTokenKind.Literal, EndOfQuoted(end, '\'', hasEscapes: false, "a literal"));
        else if (end - at == 1 && Current is 'u' or 'U' && Peek(1) == '&' && Peek(2) is '\'')
            Add(SqlTokenKind.Literal, EndOfQuoted(at + 2, '\'', hasEscapes: false, "a literal"));
        else
            Add(SqlTokenKind.Word, end);
    }

    void AddDollar()
    {
        if (Peek(1) is >= '0' and <= '9')
        {
            Add(SqlTokenKind.Position, EndWhile(at + 1, x => x is >= '0' and <= '9'));
            return;
        }
        // $tag$ … $tag$, where the tag is empty or a name without a dollar.
        var tagEnd = at + 1;
        if (StartsName(Peek(1)))
            tagEnd = EndWhile(at + 1, x => x != '$' && ContinuesName(x));
        if (tagEnd >= text.Length || text[tagEnd] != '$')
        {
            Add(SqlTokenKind.Punctuation, at + 1);
            return;
        }
        var quote = text.Substring(at, tagEnd + 1 - at);
        var close = text.IndexOf(quote, tagEnd + 1, StringComparison.Ordinal);
        if (close < 0)
            Unterminated ??= "a dollar-quoted literal";
        Add(SqlTokenKind.Literal, close < 0 ? text.Length : close + quote.Length);
    }

    void AddOperatorOrParameter()
    {
        var end = at;
        var isAfterAt = false;
        while (end < text.Length && OperatorCharacters.IndexOf(text[end]) >= 0)
        {
            var next = end + 1 < text.Length ? text[end + 1] : '\0';
            if ((text[end] == '-' && next == '-') || (text[end] == '/' && next == '*'))
                break;
            if (text[end] == '@' && !isAfterAt && StartsName(next))
                break;
            isAfterAt = text[end] == '@' && !isAfterAt;
            end++;
        }
        if (end > at)
            Add(SqlTokenKind.Operator, end);
        else
            Add(SqlTokenKind.Parameter, EndWhile(at + 1, x => x != '$' && ContinuesName(x)));
    }

    int EndWhile(int from, Func<char, bool> belongs)
    {
        while (from < text.Length && belongs(text[from]))
            from++;
        return from;
    }

    int EndOfNumber()
    {
        var end = at;
        while (end < text.Length)
        {
            var c = text[end];
            var isExponentSign = c is '+' or '-' && text[end - 1] is 'e' or 'E' && end + 1 < text.Length && char.IsDigit(text[end + 1]);
            if (!char.IsLetterOrDigit(c) && c is not ('.' or '_') && !(isExponentSign && c is '+' or '-'))
                break;
            end++;
        }
        return end;
    }

    int EndOfBlockComment()
    {
        var depth = 0;
        for (var i = at; i + 1 < text.Length; i++)
        {
            if (text[i] == '/' && text[i + 1] == '*')
            {
                depth++;
                i++;
            }
            else if (text[i] == '*' && text[i + 1] == '/')
            {
                i++;
                if (--depth == 0)
                    return i + 1;
            }
        }
        Unterminated ??= "a comment";
        return text.Length;
    }

    /// <summary>The end of what is quoted from <paramref name="open"/> on; a doubled quote stands for itself.</summary>
    int EndOfQuoted(int open, char quote, bool hasEscapes, string what)
    {
        for (var i = open + 1; i < text.Length; i++)
        {
            if (hasEscapes && text[i] == '\\')
                i++;
            else if (text[i] == quote && i + 1 < text.Length && text[i + 1] == quote)
                i++;
            else if (text[i] == quote)
                return i + 1;
        }
        Unterminated ??= what;
        return text.Length;
    }

    bool FollowsName() => at > 0 && (ContinuesName(text[at - 1]) || text[at - 1] is '"' or ')' or ']');

    static bool StartsName(char c) => c == '_' || char.IsLetter(c) || c >= 0x80 && !char.IsWhiteSpace(c);

    static bool ContinuesName(char c) => StartsName(c) || c is '$' or >= '0' and <= '9';
}
