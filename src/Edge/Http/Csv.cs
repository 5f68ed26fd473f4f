using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Edge.Http;

/// <summary>
/// Cells of RFC 4180: comma, CRLF, quoted where they must be. Text that a spreadsheet would take for a formula (it begins with = + - @, tab, CR or
/// LF) gets an apostrophe in front, which spreadsheets hide and others see: whoever imports the text as it was removes it. Numbers are ours,
/// and stay numbers.
/// </summary>
internal static class Csv
{
    public const string ContentType = "text/csv; charset=utf-8";

    static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");
    static readonly SearchValues<char> FormulaBegins = SearchValues.Create("=+-@\t\r\n");

    /// <summary>What follows a cell.</summary>
    public static ReadOnlySpan<byte> NextCell => ","u8;

    public static ReadOnlySpan<byte> NextRow => "\r\n"u8;

    public static void Text(IBufferWriter<byte> to, ReadOnlySpan<char> text, ReadOnlySpan<byte> end)
    {
        var isQuoted = text.ContainsAny(Quoted);
        if (isQuoted)
            to.Write("\""u8);
        if (text.Length > 0 && FormulaBegins.Contains(text[0]))
            to.Write("'"u8);
        for (int quote; (quote = text.IndexOf('"')) >= 0; text = text[(quote + 1)..])
        {
            Encoding.UTF8.GetBytes(text[..(quote + 1)], to);
            to.Write("\""u8);
        }
        Encoding.UTF8.GetBytes(text, to);
        if (isQuoted)
            to.Write("\""u8);
        to.Write(end);
    }

    public static void Number(IBufferWriter<byte> to, long number, ReadOnlySpan<byte> end)
    {
        Utf8Formatter.TryFormat(number, to.GetSpan(20), out var length);
        to.Advance(length);
        to.Write(end);
    }

    public static void Number(IBufferWriter<byte> to, decimal number, ReadOnlySpan<byte> end)
    {
        Utf8Formatter.TryFormat(number, to.GetSpan(32), out var length);
        to.Advance(length);
        to.Write(end);
    }
}
