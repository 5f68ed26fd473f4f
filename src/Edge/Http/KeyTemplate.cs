namespace Edge.Http;

/// <summary>
/// Writes the cache key of a request without a query string straight from its path values, so that a hit makes no string. It is the same
/// text that <see cref="Call.Key"/> gives.
/// </summary>
internal sealed class KeyTemplate
{
    /// <summary>Longest key that is looked up this way, in characters; a longer one takes the ordinary way.</summary>
    public const int MaxChars = 256;

    readonly string _prefix;
    readonly Parameter? _last;

    KeyTemplate(string prefix, Parameter? last) => (_prefix, _last) = (prefix, last);

    /// <summary>Null where the path has parameters elsewhere than in its last segment, or a query parameter is required.</summary>
    public static KeyTemplate? Of(Operation operation)
    {
        var path = operation.Path;
        if (Array.Exists(operation.Parameters, static parameter => parameter is { Place: ParameterPlace.Query, Required: true }))
            return null;
        var brace = path.IndexOf('{');
        if (brace < 0)
            return new(path, null);
        var last = Array.Find(operation.Parameters, parameter => path.EndsWith("/{" + parameter.Name + "}", StringComparison.Ordinal));
        return last is not null && brace == path.LastIndexOf('{') ? new(path[..brace], last) : null;
    }

    public bool TryWrite(HttpContext context, Span<char> key, out int length)
    {
        length = 0;
        if (!_prefix.TryCopyTo(key))
            return false;
        length = _prefix.Length;
        if (_last is null)
            return true;
        if (context.Request.RouteValues[_last.Name] is not string text || !_last.TryWriteCanonical(text, key[length..], out var written))
            return false;
        length += written;
        return true;
    }
}
