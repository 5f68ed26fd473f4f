using Edge.Data.Generator.Model;

namespace Edge.Data.Generator.Emit;

/// <summary>
/// The names of the methods that a class gets for the enums of its queries. Each begins with the name of the enum; where several have
/// that name, with as many of the names around it as tell them apart: <c>Order_Status</c> and <c>Job_Status</c>.
/// </summary>
internal sealed class EnumNames
{
    readonly Dictionary<string, string> byType = [];

    public EnumNames(IReadOnlyList<QueryModel> queries)
    {
        Sent = [.. queries.SelectMany(query => query.Parameters).Select(parameter => parameter.Enum).OfType<EnumModel>().Distinct()];
        Read = [.. queries.SelectMany(query => query.Statements).Select(statement => statement.Row).OfType<RowModel>()
            .SelectMany(row => row.Fields).Select(field => field.Enum).OfType<EnumModel>().Distinct()];
        var all = Sent.Concat(Read).Distinct().ToList();
        foreach (var @enum in all)
        {
            var parts = 1;
            while (parts < @enum.Path.Count && all.Any(other => other.Type != @enum.Type && Last(other, parts) == Last(@enum, parts)))
                parts++;
            var name = Last(@enum, parts);
            // There may be an enum called Order_Status too.
            while (byType.ContainsValue(name))
                name += "2";
            byType.Add(@enum.Type, name);
        }
    }

    public IReadOnlyList<EnumModel> Sent { get; }

    public IReadOnlyList<EnumModel> Read { get; }

    /// <summary>The method that makes a text of a member.</summary>
    public string Text(EnumModel @enum) => byType[@enum.Type] + "_Text";

    /// <summary>The method that makes a member of a text.</summary>
    public string Member(EnumModel @enum) => byType[@enum.Type] + "_Member";

    static string Last(EnumModel @enum, int parts) => string.Join("_", @enum.Path.Skip(@enum.Path.Count - parts));
}
