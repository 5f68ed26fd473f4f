namespace Edge.Data;

/// <summary>
/// Makes the body of a <c>static partial</c> method out of its SQL at compile time (docs/queries). <c>@name</c> stands for the
/// parameter of that name; the return type says what the statement answers.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SqlAttribute(string text) : Attribute
{
    /// <summary>One statement, or several separated by <c>;</c> that travel in one round trip.</summary>
    public string Text { get; } = text;

    /// <summary>Label in metrics and logs, unique in the assembly. Default: the class without its "Queries", a dot, the method.</summary>
    public string? Name { get; init; }

    /// <summary>Why a sequential scan of a large table is right here. Null: a test fails if the plan has one.</summary>
    public string? SequentialScan { get; init; }

    /// <summary>
    /// True for a quick read of one row or none by its key: it then shares round trips with those of other callers, where there are any
    /// (<see cref="Pipeline"/>). Not for what may take longer than some milliseconds: who shares its trip waits for it.
    /// </summary>
    public bool Pipelined { get; init; }

    /// <summary>True if a function that it calls changes something, which the text cannot tell: it is then never run twice.</summary>
    public bool Writes { get; init; }
}
