using System.Globalization;
using System.Text;
using Edge.Prometheus.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Prometheus;

public sealed class NumberTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(-17, "-17")]
    [InlineData(0.005, "0.005")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(1.5e300, "1.5E+300")]
    [InlineData(5e-324, "5E-324")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(-0.0, "-0")]
    public void A_double_is_the_shortest_text_that_reads_back_7589(double value, string expected) => Assert.Equal(expected, Written(value));

    [Fact]
    public void Any_double_is_read_back_as_it_was() => Prop.ForAll(ArbMap.Default.ArbFor<double>(), value =>
    {
        if (!double.IsFinite(value)) return;
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(Read(Written(value))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bits_that_are_a_double_are_read_back_as_they_were() => Prop.ForAll(ArbMap.Default.ArbFor<long>(), ArbMap.Default.ArbFor<int>(), (high, low) =>
    {
        var value = BitConverter.Int64BitsToDouble(high * 6364136223846793005 + low);
        if (!double.IsFinite(value)) return;
        Assert.Equal(value, Read(Written(value)));
        Assert.Equal(value, Read(NumberText.Bound(value, isOpenMetrics: false)));
        Assert.Equal(value, Read(NumberText.Bound(value, isOpenMetrics: true)));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    [InlineData(0, "0")]
    public void A_whole_number_is_written_to_its_last_digit(long value, string expected)
    {
        var buffer = new ByteBuffer(1024);
        NumberText.Write(buffer, value);
        Assert.Equal(expected, Encoding.UTF8.GetString(buffer.Span));
    }

    [Fact]
    public void The_culture_of_the_machine_says_nothing()
    {
        var before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NegativeSign = "~";
        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.Equal("-2.5", Written(-2.5));
            Assert.Equal("-2.5", NumberText.Bound(-2.5, isOpenMetrics: true));
            Assert.Equal("-2.5e-07", NumberText.Bound(-2.5e-7, isOpenMetrics: true));
            Assert.Equal("2.5", LabelValue.Of(2.5));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(1, "1.0")]
    [InlineData(10, "10.0")]
    [InlineData(0.005, "0.005")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1e-10, "1e-10")]
    [InlineData(100000, "100000.0")]
    [InlineData(1e6, "1e+06")]
    [InlineData(1234567, "1.234567e+06")]
    [InlineData(123456.75, "123456.75")]
    [InlineData(1e10, "1e+10")]
    [InlineData(2.5e100, "2.5e+100")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(-5, "-5.0")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    public void A_bound_is_canonical_in_OpenMetrics(double bound, string expected) => Assert.Equal(expected, NumberText.Bound(bound, isOpenMetrics: true));

    [Theory]
    [InlineData(1, "1")]
    [InlineData(0.005, "0.005")]
    [InlineData(1e6, "1e+06")]
    public void A_bound_of_the_text_format_has_no_more_than_it_needs(double bound, string expected) => Assert.Equal(expected, NumberText.Bound(bound, isOpenMetrics: false));

    static double Read(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    static string Written(double value)
    {
        var buffer = new ByteBuffer(1024);
        NumberText.Write(buffer, value);
        return Encoding.UTF8.GetString(buffer.Span);
    }
}
