using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Edge.Replay.Commands;
using Edge.Replay.Traces;

namespace Edge.Replay;

/// <summary>The hit ratios as a table: Markdown, which is readable on a terminal too.</summary>
internal static class Report
{
    public static string Table(IReadOnlyList<ReplayRow> rows)
    {
        var text = new StringBuilder();
        text.Append("| trace | budget, MiB | ").AppendJoin(" | ", ReplayCommand.Policies).Append(" |\n|---|---|");
        foreach (var _ in ReplayCommand.Policies) text.Append("---|");
        text.Append('\n');
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Trace} | {row.BudgetBytes / 1048576.0:0.###} |");
            foreach (var ratio in row.Ratios)
                text.Append(CultureInfo.InvariantCulture, $" {ratio.Requests * 100:0.0} / {ratio.Bytes * 100:0.0} |");
            text.Append('\n');
        }
        return text.ToString();
    }

    public static string Page(IReadOnlyList<ReplayRow> rows, string command, DateTimeOffset now)
    {
        var text = new StringBuilder("# Hit ratios of the in-process cache\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd}, {Machine()}. Made by `{command}`.\n\n");
        text.Append("Each cell: % of requests / % of bytes that were hits, from a cold start. Sizes are the whole size of an entry.\n");
        text.Append("L1Cache is the product's class; the others get the bytes that it has for entries at that budget.\n");
        text.Append("Belady knows the future, but no sizes: if these differ, a policy that prefers small entries may have more hits.\n\n");
        text.Append(Table(rows));
        var made = SyntheticTraces.All.Where(made => rows.Any(row => row.Trace == made.Name)).ToArray();
        if (made.Length > 0)
        {
            text.Append("\nThe traces are made up, not recorded:\n");
            foreach (var (name, meaning) in made) text.Append(CultureInfo.InvariantCulture, $"- **{name}**: {meaning}\n");
        }
        return text.ToString();
    }

    static string Machine() =>
        $"{Environment.ProcessorCount} processors ({RuntimeInformation.ProcessArchitecture}), {RuntimeInformation.FrameworkDescription}";
}
