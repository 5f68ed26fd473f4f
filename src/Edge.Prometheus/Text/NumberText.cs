using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace Edge.Prometheus.Text;

/// <summary>Numbers as Prometheus reads them: the shortest text that is read back as the same number, never by the machine's culture.</summary>
internal static class NumberText
{
    /// <summary>Longer than the longest shortest double (24) and the longest long (20).</summary>
    const int MaxBytes = 32;

    /// <summary>Below this every whole number is a double, and its digits are the shortest text of it.</summary>
    const double ExactWhole = 1L << 53;

    public static void Write(ByteBuffer buffer, long value)
    {
        var isWritten = Utf8Formatter.TryFormat(value, buffer.Room(MaxBytes), out var length);
        Debug.Assert(isWritten, "A long has at most 20 characters.");
        buffer.Advance(length);
    }

    public static void Write(ByteBuffer buffer, double value)
    {
        // Most measurements are whole, and those take a fifth of the time. Not −0, whose sign is its own.
        if (Math.Abs(value) < ExactWhole && (long)value == value && (value != 0 || !double.IsNegative(value)))
            Write(buffer, (long)value);
        else if (double.IsFinite(value))
            WriteShortest(buffer, value);
        else
            buffer.Write(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
    }

    /// <summary>
    /// A bucket's bound as everybody else writes it, since it is part of a series' identity: with an exponent from 1e+06 and below 1e-04, of two
    /// digits at least, and in OpenMetrics with ".0" where it would look whole. Allocates: bounds are written once.
    /// </summary>
    public static string Bound(double bound, bool isOpenMetrics)
    {
        if (!double.IsFinite(bound)) return double.IsNaN(bound) ? "NaN" : bound > 0 ? "+Inf" : "-Inf";
        // The runtime finds the digits; where point and exponent go is ours.
        var shortest = Math.Abs(bound).ToString(CultureInfo.InvariantCulture).Split('E');
        var parts = shortest[0].Split('.');
        var point = parts[0].Length + (shortest.Length > 1 ? int.Parse(shortest[1], CultureInfo.InvariantCulture) : 0);
        var all = string.Concat(parts);
        var digits = all.TrimStart('0');
        point -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        if (digits.Length == 0) (digits, point) = ("0", 1);
        return (bound < 0 ? "-" : "") + Place(digits, point, isOpenMetrics);
    }

    /// <summary>0.<paramref name="digits"/> × 10^<paramref name="point"/>.</summary>
    static string Place(string digits, int point, bool isOpenMetrics)
    {
        var exponent = point - 1;
        if (exponent is < -4 or >= 6)
        {
            var mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
            return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (point <= 0) return "0." + new string('0', -point) + digits;
        if (point < digits.Length) return $"{digits[..point]}.{digits[point..]}";
        return digits.PadRight(point, '0') + (isOpenMetrics ? ".0" : "");
    }

    static void WriteShortest(ByteBuffer buffer, double value)
    {
        var isWritten = value.TryFormat(buffer.Room(MaxBytes), out var length, default, CultureInfo.InvariantCulture);
        Debug.Assert(isWritten, "A double has at most 24 characters.");
        buffer.Advance(length);
    }
}
