namespace Edge.Data.Generator.Sql;

/// <summary>
/// Names an item of an output list as Postgres does (FigureColname in parse_target.c): by its alias, else by the column or function
/// it is. Where that takes more than this reader knows, the item has no name and the author is asked for an alias.
/// </summary>
internal static class ColumnName
{
    // A word after one of these goes on with an expression; it is no alias.
    static readonly string[] Connectives =
        ["and", "or", "not", "is", "like", "ilike", "similar", "to", "in", "between", "collate", "distinct", "from", "zone", "operator",
         "case", "when", "then", "else", "over", "symmetric", "escape", "any", "all", "some"];

    // Last words of types and expressions; as an alias they take AS.
    static readonly string[] Endings =
        ["null", "true", "false", "end", "unknown", "precision", "varying", "zone", "isnull", "notnull", "year", "month", "day", "hour",
         "minute", "second"];

    static readonly string[] Unnamed = ["null", "true", "false", "not", "interval", "trim", "default"];

    public static OutputColumn Of(IReadOnlyList<SqlToken> item)
    {
        if (item.Count == 0)
            return new OutputColumn(null, IsStar: false);
        var last = item[item.Count - 1];
        if (item.Count == 1)
            return new OutputColumn(Expression(item), last.Is("*"));
        var before = item[item.Count - 2];
        if (last.Is("*") && before.Is("."))
            return new OutputColumn(null, IsStar: true);
        if (last.IsName && before.IsWord("as"))
            return new OutputColumn(last.Name, IsStar: false);
        if (last.IsName && !Endings.Any(last.IsWord) && EndsOperand(before))
            return new OutputColumn(last.Name, IsStar: false);
        return new OutputColumn(Expression(item), IsStar: false);
    }

    /// <summary>The index after the group in parentheses or brackets that opens at <paramref name="open"/>.</summary>
    public static int AfterGroup(IReadOnlyList<SqlToken> tokens, int open)
    {
        var depth = 0;
        for (var i = open; i < tokens.Count; i++)
        {
            if (tokens[i].Is("(") || tokens[i].Is("["))
                depth++;
            else if (tokens[i].Is(")") || tokens[i].Is("]"))
                depth--;
            if (depth <= 0)
                return i + 1;
        }
        return tokens.Count;
    }

    static bool EndsOperand(SqlToken token) => token.Kind switch
    {
        SqlTokenKind.QuotedName or SqlTokenKind.Number or SqlTokenKind.Literal or SqlTokenKind.Parameter => true,
        SqlTokenKind.Word => !Connectives.Any(token.IsWord),
        _ => token.Is(")") || token.Is("]"),
    };

    static string? Expression(IReadOnlyList<SqlToken> tokens)
    {
        var (name, at) = Primary(tokens);
        while (at < tokens.Count)
        {
            if (tokens[at].Is("["))
                at = AfterGroup(tokens, at);
            else if (tokens[at].Is(".") && at + 1 < tokens.Count && tokens[at + 1].IsName)
                (name, at) = (tokens[at + 1].Name, at + 2);
            else if (tokens[at].Is("::"))
                at = AfterType(tokens, at + 1);
            else if (tokens[at].IsWord("collate"))
                at += 2;
            else
                return null;
        }
        return name;
    }

    static (string? Name, int Next) Primary(IReadOnlyList<SqlToken> tokens)
    {
        var none = ((string?)null, tokens.Count);
        if (tokens.Count == 0)
            return none;
        var first = tokens[0];
        if (first.Is("("))
        {
            var end = AfterGroup(tokens, 0);
            var inner = tokens.Skip(1).Take(end - 2).ToList();
            var isSelect = inner.Count > 0 && (inner[0].IsWord("select") || inner[0].IsWord("with"));
            return (isSelect ? OutputColumns.Of(inner)?.Select(column => column.Name).FirstOrDefault() : Expression(inner), end);
        }
        if (!first.IsName || Unnamed.Any(first.IsWord))
            return none;
        if (first.IsWord("case"))
            return Case(tokens);
        var isCall = tokens.Count > 1 && (tokens[1].Is("(") || (first.IsWord("array") && tokens[1].Is("[")));
        if (first.IsWord("cast") && isCall)
        {
            var end = AfterGroup(tokens, 1);
            return (Expression(tokens.Skip(2).Take(end - 3).TakeWhile(token => !token.IsWord("as")).ToList()), end);
        }
        return ColumnOrCall(tokens);
    }

    static (string? Name, int Next) ColumnOrCall(IReadOnlyList<SqlToken> tokens)
    {
        var at = 1;
        while (at + 1 < tokens.Count && tokens[at].Is(".") && tokens[at + 1].IsName)
            at += 2;
        var name = tokens[at - 1].Name;
        var isArray = tokens[at - 1].IsWord("array") && at < tokens.Count && tokens[at].Is("[");
        if (at >= tokens.Count || !(tokens[at].Is("(") || isArray))
            return (name, at);
        at = AfterGroup(tokens, at);
        // agg(…) within group (…) filter (…) over (…)
        while (at < tokens.Count && (tokens[at].IsWord("filter") || tokens[at].IsWord("over") || tokens[at].IsWord("within")))
        {
            at += tokens[at].IsWord("within") ? 2 : 1;
            at = AfterGroup(tokens, at);
        }
        return (name, at);
    }

    /// <summary>A case is named by its else branch if that has a name of its own.</summary>
    static (string? Name, int Next) Case(IReadOnlyList<SqlToken> tokens)
    {
        var depth = 0;
        var elseAt = -1;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].IsWord("case"))
                depth++;
            else if (tokens[i].IsWord("else") && depth == 1)
                elseAt = i;
            else if (tokens[i].IsWord("end") && --depth == 0)
                return (ElseName(tokens, elseAt, i) ?? "case", i + 1);
        }
        return (null, tokens.Count);
    }

    static string? ElseName(IReadOnlyList<SqlToken> tokens, int elseAt, int end) =>
        elseAt < 0 ? null : Expression(tokens.Skip(elseAt + 1).Take(end - elseAt - 1).ToList());

    /// <summary>A type: names, dots, and groups such as <c>(12, 2)</c> and <c>[]</c>.</summary>
    static int AfterType(IReadOnlyList<SqlToken> tokens, int at)
    {
        while (at < tokens.Count && (tokens[at].IsName || tokens[at].Is(".") || tokens[at].Is("(") || tokens[at].Is("[")))
        {
            if (tokens[at].IsWord("at") || tokens[at].IsWord("collate") || Connectives.Any(tokens[at].IsWord) && !tokens[at].IsWord("zone"))
                return at;
            at = tokens[at].IsName || tokens[at].Is(".") ? at + 1 : AfterGroup(tokens, at);
        }
        return at;
    }
}
