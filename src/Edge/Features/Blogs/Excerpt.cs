namespace Edge.Features.Blogs;

internal static class Excerpt
{
    /// <summary>
    /// At most <paramref name="limit"/> characters of a text. A longer one is cut after a whole word and ends with an ellipsis; a word
    /// longer than the limit is cut inside, but never between the two halves of a surrogate pair.
    /// </summary>
    public static string Of(string text, int limit)
    {
        if (text.Length <= limit)
            return text;
        // One character is kept free for the ellipsis.
        var end = text.AsSpan(0, limit).LastIndexOfAny(' ', '\n', '\t');
        if (end <= 0)
            end = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return string.Concat(text.AsSpan(0, end).TrimEnd([' ', '\n', '\t', ',', ';', ':', '-', '–']), "…");
    }
}
