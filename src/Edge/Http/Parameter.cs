using System.Text.Json.Nodes;

namespace Edge.Http;

internal enum ParameterPlace
{
    Path,
    Query,
    Header,
}

/// <summary>
/// One path, query or header parameter, declared once. The declaration parses and checks it, documents it in OpenAPI, and gives it one
/// canonical spelling, so that a client cannot write the same request in two ways (links, cursors and cache keys rely on that).
/// </summary>
internal abstract class Parameter(string name, ParameterPlace place, string description)
{
    public string Name { get; } = name;

    public ParameterPlace Place { get; } = place;

    public string Description { get; } = description;

    /// <summary>Path parameters always are; a query parameter is where it has no fallback.</summary>
    public bool Required { get; protected init; } = place == ParameterPlace.Path;

    /// <summary>What is wrong with the text and what to write instead; null: nothing.</summary>
    public abstract string? Check(string text);

    /// <summary>The one spelling of this value; null where it equals the fallback and so is left out.</summary>
    public abstract string? Canonical(string? text);

    /// <summary>JSON Schema of the value, for OpenAPI. A new node per call: a node has one parent.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A <see cref="Parameter"/> with a typed value.</summary>
internal sealed class Parameter<T> : Parameter
{
    /// <summary>Reads a text; false with a sentence for the client where it cannot.</summary>
    public delegate bool Parser(string text, out T value, out string problem);

    readonly T _fallback;
    readonly Parser _parse;
    readonly Func<T, string> _format;
    readonly Func<JsonObject> _schema;

    /// <param name="fallback">The value where a query parameter is absent.</param>
    /// <param name="format">The canonical spelling of a value.</param>
    public Parameter(
        string name, ParameterPlace place, string description, bool required, T fallback, Parser parse, Func<T, string> format, Func<JsonObject> schema)
        : base(name, place, description)
    {
        (_fallback, _parse, _format, _schema) = (fallback, parse, format, schema);
        Required = required;
    }

    /// <summary>The value of a text that <see cref="Check"/> has passed, or the fallback for none.</summary>
    public T Value(string? text)
    {
        if (text is null)
            return _fallback;
        return _parse(text, out var value, out var problem)
            ? value
            : throw new InvalidOperationException($"Parameter {Name} was read before it was checked: {problem}");
    }

    public override string? Check(string text) => _parse(text, out _, out var problem) ? null : problem;

    public override string? Canonical(string? text)
    {
        if (text is null)
            return null;
        var value = Value(text);
        return Place == ParameterPlace.Query && EqualityComparer<T>.Default.Equals(value, _fallback) ? null : _format(value);
    }

    public override JsonObject Schema() => _schema();
}
