namespace Edge.Http;

/// <summary>A route's path, letter by letter; each <c>{parameter}</c> stands for the whole of its segment.</summary>
internal sealed class ExactPath
{
    readonly string[] _literals;

    public ExactPath(string template)
    {
        // "/a/{id}/b" gives "/a/", "id", "/b": every second one is a parameter's name.
        var parts = template.Split('{', '}');
        _literals = [.. parts.Where(static (_, index) => index % 2 == 0)];
    }

    public bool Matches(ReadOnlySpan<char> path)
    {
        for (var i = 0; ; i++)
        {
            if (!path.StartsWith(_literals[i]))
                return false;
            path = path[_literals[i].Length..];
            if (i == _literals.Length - 1)
                return path.IsEmpty;
            var end = path.IndexOf('/');
            path = path[(end < 0 ? path.Length : end)..];
        }
    }
}
