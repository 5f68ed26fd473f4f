namespace Edge.Data.Generator.Sql;

internal enum SqlTokenKind
{
    Space,
    Comment,

    /// <summary>A keyword or an unquoted name.</summary>
    Word,

    /// <summary>A name in double quotes.</summary>
    QuotedName,
    Number,

    /// <summary>Any literal in quotes: plain, E'', U&amp;'', B'', X'', dollar-quoted.</summary>
    Literal,

    /// <summary><c>@name</c>: a parameter of the method.</summary>
    Parameter,

    /// <summary><c>$1</c>: a position, which only the generator may write.</summary>
    Position,

    /// <summary>An operator, in full: <c>@></c>, <c>->></c>, <c>::</c>, <c>*</c>.</summary>
    Operator,

    /// <summary>One of <c>( ) [ ] , . ; :</c></summary>
    Punctuation,
}

/// <summary>A piece of SQL. All tokens of a text, one after another, are the text.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text)
{
    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;

    /// <summary>The name as Postgres folds it: unquoted in lower case, quoted as it stands.</summary>
    public string Name => Kind == SqlTokenKind.QuotedName
        ? Text.Substring(1, Math.Max(0, Text.Length - 2)).Replace("\"\"", "\"")
        : Text.ToLowerInvariant();

    public bool IsWord(string word) => Kind == SqlTokenKind.Word && string.Equals(Text, word, StringComparison.OrdinalIgnoreCase);

    public bool Is(string symbol) => Kind is SqlTokenKind.Punctuation or SqlTokenKind.Operator && Text == symbol;
}
