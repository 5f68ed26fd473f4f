using System.Text;

namespace Edge.Data.Generator.Emit;

/// <summary>Lines of C# at the right indentation.</summary>
internal sealed class CodeWriter
{
    readonly StringBuilder text = new();
    int depth;

    public void Line(string line = "")
    {
        if (line.Length > 0)
            text.Append(' ', depth * 4).Append(line);
        text.Append('\n');
    }

    public void Open(string? line = null)
    {
        if (line is not null)
            Line(line);
        Line("{");
        depth++;
    }

    public void Close(string end = "}")
    {
        depth--;
        Line(end);
    }

    public void Indent() => depth++;

    public void Unindent() => depth--;

    public override string ToString() => text.ToString();
}
