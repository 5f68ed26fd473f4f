using System.Globalization;

namespace Edge.Http;

/// <summary>Whole seconds and other small numbers for headers: the texts of those in everyday use are made once.</summary>
internal static class Seconds
{
    const int Kept = 4096;

    static readonly string?[] Texts = new string?[Kept];

    public static string Text(int number) => number is >= 0 and < Kept
        ? Texts[number] ??= number.ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Rounded up: who waits that long has waited long enough.</summary>
    public static int Of(long ns) => (int)Math.Min(int.MaxValue, (Math.Max(0, ns) + 999_999_999) / 1_000_000_000);
}
