using System.Text;

namespace Edge.Data.Generator.Sql;

/// <summary>One statement of a text, and what can be told of it without a server.</summary>
internal sealed class SqlStatement
{
    static readonly string[] ReadingVerbs = ["select", "with", "values", "table", "show"];

    // Anywhere in a statement. A column of such a name makes a read look like a write, which only costs it the second attempt.
    static readonly string[] WritingWords = ["insert", "update", "delete", "merge", "into", "nextval", "setval", "pg_notify"];
    static readonly string[] LockedBy = ["update", "share", "no", "key"];

    readonly List<SqlToken> all;

    SqlStatement(List<SqlToken> all)
    {
        this.all = all;
        Tokens = all.Where(token => token.Kind is not (SqlTokenKind.Space or SqlTokenKind.Comment)).ToList();
    }

    /// <summary>Without spaces and comments. Never empty.</summary>
    public List<SqlToken> Tokens { get; }

    /// <summary>True if running it twice does no harm.</summary>
    public bool IsRead
    {
        get
        {
            var verb = Tokens.FirstOrDefault(token => !token.Is("("));
            return ReadingVerbs.Any(verb.IsWord)
                && !Tokens.Any(token => WritingWords.Any(token.IsWord) || IsAdvisoryLock(token))
                && !Tokens.Zip(Tokens.Skip(1), (first, second) => first.IsWord("for") && LockedBy.Any(second.IsWord)).Any(locks => locks);
        }
    }

    /// <summary>The statements of a text; empty ones are dropped.</summary>
    public static List<SqlStatement> Split(List<SqlToken> tokens)
    {
        var statements = new List<SqlStatement>();
        var current = new List<SqlToken>();
        foreach (var token in tokens)
        {
            if (token.Is(";"))
            {
                Finish();
                continue;
            }
            current.Add(token);
        }
        Finish();
        return statements;

        void Finish()
        {
            var statement = new SqlStatement(current);
            if (statement.Tokens.Count > 0)
                statements.Add(statement);
            current = [];
        }
    }

    /// <summary>The names that are used, without <c>@</c>, in the order in which they first appear.</summary>
    public List<string> ParameterNames() => Tokens
        .Where(token => token.Kind == SqlTokenKind.Parameter)
        .Select(token => token.Text.Substring(1))
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .ToList();

    /// <summary>The text with each <c>@name</c> replaced by its position in <paramref name="names"/>; all else as it was.</summary>
    public string Positional(IReadOnlyList<string> names)
    {
        var text = new StringBuilder();
        foreach (var token in all)
        {
            if (token.Kind != SqlTokenKind.Parameter)
            {
                text.Append(token.Text);
                continue;
            }
            // "limit@n" must not become the name "limit$1".
            if (text.Length > 0 && (char.IsLetterOrDigit(text[text.Length - 1]) || text[text.Length - 1] is '_' or '$'))
                text.Append(' ');
            text.Append('$').Append(IndexOf(names, token.Text.Substring(1)) + 1);
        }
        return text.ToString().Trim();
    }

    static bool IsAdvisoryLock(SqlToken token) => token.Kind == SqlTokenKind.Word && token.Name.Contains("advisory");

    static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        throw new ArgumentException($"No position for @{name}", nameof(names));
    }
}
