namespace Edge.Data.Generator.Sql;

/// <summary>A column that a statement answers. No name: Postgres calls it <c>?column?</c>, or by a rule not known here.</summary>
internal readonly record struct OutputColumn(string? Name, bool IsStar);

/// <summary>Finds the output list of a statement, which fixes the ordinals: that of its main select, or of RETURNING.</summary>
internal static class OutputColumns
{
    static readonly string[] MainVerbs = ["select", "insert", "update", "delete", "merge", "values", "table"];

    static readonly string[] ListEnds =
        ["from", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit", "offset", "fetch", "for", "into"];

    /// <summary>Null for a statement that answers no rows.</summary>
    public static List<OutputColumn>? Of(IReadOnlyList<SqlToken> tokens)
    {
        // The first arm of a union may stand in parentheses.
        var first = 0;
        while (first < tokens.Count && tokens[first].Is("("))
            first++;
        if (first == tokens.Count)
            return null;
        var verb = tokens[first].IsWord("with") ? MainVerb(tokens, first + 1) : first;
        if (verb < 0)
            return null;
        switch (tokens[verb].Name)
        {
            case "select":
                return Items(tokens, AfterDistinct(tokens, verb + 1));
            case "insert" or "update" or "delete" or "merge":
                var returning = AtTop(tokens, verb, token => token.IsWord("returning"));
                return returning < 0 ? null : Items(tokens, returning + 1);
            case "values":
                return Values(tokens, verb + 1);
            case "table":
                return [new OutputColumn(null, IsStar: true)];
            case "show":
                return [new OutputColumn(tokens[tokens.Count - 1].Name, IsStar: false)];
            default:
                return null;
        }
    }

    static int MainVerb(IReadOnlyList<SqlToken> tokens, int from) => AtTop(tokens, from, token => MainVerbs.Any(token.IsWord));

    static int AtTop(IReadOnlyList<SqlToken> tokens, int from, Func<SqlToken, bool> matches)
    {
        var depth = 0;
        for (var i = from; i < tokens.Count; i++)
        {
            depth += DepthChange(tokens[i]);
            if (depth == 0 && matches(tokens[i]))
                return i;
        }
        return -1;
    }

    static int AfterDistinct(IReadOnlyList<SqlToken> tokens, int from)
    {
        if (from < tokens.Count && tokens[from].IsWord("all"))
            return from + 1;
        if (from >= tokens.Count || !tokens[from].IsWord("distinct"))
            return from;
        return from + 1 < tokens.Count && tokens[from + 1].IsWord("on") ? ColumnName.AfterGroup(tokens, from + 2) : from + 1;
    }

    static List<OutputColumn> Items(IReadOnlyList<SqlToken> tokens, int from)
    {
        var columns = new List<OutputColumn>();
        var item = new List<SqlToken>();
        var depth = 0;
        for (var i = from; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (depth == 0 && (token.Is(")") || IsListEnd(tokens, i)))
                break;
            depth += DepthChange(token);
            if (depth == 0 && token.Is(","))
            {
                columns.Add(ColumnName.Of(item));
                item = [];
                continue;
            }
            item.Add(token);
        }
        if (item.Count > 0 || columns.Count > 0)
            columns.Add(ColumnName.Of(item));
        return columns;
    }

    static bool IsListEnd(IReadOnlyList<SqlToken> tokens, int i)
    {
        if (!ListEnds.Any(tokens[i].IsWord))
            return false;
        var before = tokens[i - 1];
        // "a is distinct from b", "within group (…)", and names that a dot or AS makes plain.
        return !(tokens[i].IsWord("from") && before.IsWord("distinct"))
            && !(tokens[i].IsWord("group") && before.IsWord("within"))
            && !before.Is(".") && !before.IsWord("as");
    }

    static List<OutputColumn> Values(IReadOnlyList<SqlToken> tokens, int from)
    {
        var end = ColumnName.AfterGroup(tokens, from);
        var inner = tokens.Skip(from + 1).Take(end - from - 2).ToList();
        return Items(inner, 0).Select((_, i) => new OutputColumn("column" + (i + 1), IsStar: false)).ToList();
    }

    static int DepthChange(SqlToken token) => token.Is("(") || token.Is("[") ? 1 : token.Is(")") || token.Is("]") ? -1 : 0;
}
