using System.Collections;
using System.Globalization;
using System.Text;

namespace Edge.Prometheus.Text;

/// <summary>The value of a tag or attribute as text: as it is for strings, as in JSON for the rest.</summary>
internal static class LabelValue
{
    public static string Of(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => Text(number),
        IEnumerable items => Items(items),
        _ => Text(value),
    };

    static string Items(IEnumerable items)
    {
        var text = new StringBuilder("[");
        foreach (var item in items)
        {
            if (text.Length > 1) text.Append(',');
            if (item is null) text.Append("null");
            else if (item is string or char) Quote(text, Of(item));
            else text.Append(Of(item));
        }

        return text.Append(']').ToString();
    }

    static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            if (character is '"' or '\\') text.Append('\\').Append(character);
            else if (character == '\n') text.Append("\\n");
            else text.Append(character);
        }

        text.Append('"');
    }

    /// <summary>What the value says of itself. One that throws instead costs its own text, not the whole scrape.</summary>
    static string Text(object value)
    {
        try
        {
            return value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value.ToString() ?? "";
        }
        catch (Exception)
        {
            return "";
        }
    }
}
