using Edge.Http;

namespace Edge.Tests.Http;

public sealed class ParameterTests
{
    static readonly Parameter<int> Limit = Parameters.Limit;
    static readonly Parameter<string?> Category = Parameters.Slug("category", ParameterPlace.Query, 60, "");
    static readonly Parameter<string?> Text = Parameters.Text("q", 100, required: true, "");
    static readonly Parameter<double> Longitude = Parameters.Number("lon", -180, 180, fallback: null, "", isAngle: true);
    static readonly Parameter<long> Id = Parameters.PathId("");

    [Theory]
    [InlineData("1", 1)]
    [InlineData("50", 50)]
    [InlineData("007", 7)]
    public void A_number_in_range_is_taken(string text, int value)
    {
        Assert.Null(Limit.Check(text));
        Assert.Equal(value, Limit.Value(text));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("51")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.0")]
    [InlineData("1e1")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    [InlineData("١")] // a digit, but not ours
    public void Any_other_number_is_refused_with_the_range(string text) =>
        Assert.Equal("must be a whole number from 1 to 50", Limit.Check(text));

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("abc")]
    [InlineData("9223372036854775808")]
    public void An_id_is_a_positive_64_bit_number(string text) => Assert.NotNull(Id.Check(text));

    [Theory]
    [InlineData("coffee-and-tea", true)]
    [InlineData("a1", true)]
    [InlineData("Coffee", false)]
    [InlineData("-coffee", false)]
    [InlineData("coffee-", false)]
    [InlineData("coffee--tea", false)]
    [InlineData("caffè", false)]
    [InlineData("", false)]
    [InlineData("'; drop table products; --", false)]
    public void A_slug_is_lower_case_words_and_single_hyphens(string text, bool valid) => Assert.Equal(valid, Category.Check(text) is null);

    [Theory]
    [InlineData("x", true)]
    [InlineData("  ", false)]
    [InlineData("", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\u0085b", false)]
    [InlineData("a\nb", false)]
    public void Free_text_has_a_visible_character_and_no_control_ones(string text, bool valid) => Assert.Equal(valid, Text.Check(text) is null);

    [Fact]
    public void Free_text_has_at_most_its_length_after_trimming()
    {
        Assert.Null(Text.Check(" " + new string('x', 100) + " "));
        Assert.NotNull(Text.Check(new string('x', 101)));
    }

    [Fact]
    public void One_value_has_one_spelling_and_the_fallback_none()
    {
        Assert.Equal("7", Limit.Canonical("007"));
        Assert.Null(Limit.Canonical("20"));
        Assert.Null(Limit.Canonical(null));
        Assert.Equal("tea", Text.Canonical(" tea "));
    }

    [Theory]
    [InlineData("12.5", 12.5, "12.5")]
    [InlineData("012.50", 12.5, "12.5")]
    [InlineData(".5", 0.5, "0.5")]
    [InlineData("-0", 0.0, "0")]
    [InlineData("0.00000001", 0.0, "0")]
    [InlineData("180", -180.0, "-180")]
    [InlineData("180.0", -180.0, "-180")]
    [InlineData("-179.99999999", -180.0, "-180")]
    public void A_decimal_number_has_one_value_and_one_spelling(string text, double value, string canonical)
    {
        Assert.Null(Longitude.Check(text));
        Assert.Equal(value, Longitude.Value(text));
        Assert.False(double.IsNegative(Longitude.Value(text)) && value == 0);
        Assert.Equal(canonical, Longitude.Canonical(text));
    }

    [Theory]
    [InlineData("180.0000001")]
    [InlineData("-181")]
    [InlineData("1e1")]
    [InlineData("+1")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    [InlineData("")]
    public void Any_other_decimal_number_is_refused_with_the_range(string text) =>
        Assert.Equal("must be a decimal number from -180 to 180, as in 12.5", Longitude.Check(text));

    [Fact]
    public void Reading_a_value_that_was_not_checked_is_a_mistake_of_ours() =>
        Assert.Throws<InvalidOperationException>(() => Limit.Value("1000"));

    [Theory]
    [InlineData("2026-05-01T08:00:00Z", "2026-05-01T08:00:00Z")]
    [InlineData("2026-05-01T08:00:00.5Z", "2026-05-01T08:00:00.5Z")]
    [InlineData("2026-05-01T08:00:00.500000Z", "2026-05-01T08:00:00.5Z")]
    [InlineData("2026-05-01T08:00:00.000000Z", "2026-05-01T08:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    public void A_time_in_utc_has_one_spelling(string text, string canonical)
    {
        var since = Parameters.UtcTime("since", "");
        Assert.Null(since.Check(text));
        Assert.Equal(canonical, since.Canonical(text));
        Assert.Equal(DateTimeKind.Utc, since.Value(text)!.Value.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-05-01")]
    [InlineData("2026-05-01T08:00:00")]
    [InlineData("2026-05-01T08:00:00+00:00")]
    [InlineData("2026-05-01T08:00:00z")]
    [InlineData("2026-02-29T08:00:00Z")]
    [InlineData("2026-05-01T08:00:60Z")]
    [InlineData("2026-05-01T08:00:00.1234567Z")]
    [InlineData(" 2026-05-01T08:00:00Z")]
    public void Any_other_time_is_refused(string text) => Assert.NotNull(Parameters.UtcTime("since", "").Check(text));
}
