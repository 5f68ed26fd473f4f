using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Edge.Data.Generator.Model;

/// <summary>A place in the source, by value.</summary>
internal sealed record SourcePlace(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static SourcePlace Of(Location location) =>
        new(location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>A mistake found in a query: what <see cref="Diagnostics"/> says about it, where.</summary>
internal sealed record QueryProblem(string Id, SourcePlace Place, EquatableList<string> Arguments);

/// <summary>What was made of one method: a model or problems, never both.</summary>
internal sealed record QueryAnalysis(QueryModel? Model, SourcePlace Place, EquatableList<QueryProblem> Problems);
