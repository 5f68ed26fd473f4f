using System.Text.Json;
using Edge.Hosting;
using Edge.Tests.Basics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Hosting;

public sealed class EdgeLogFormatterTests
{
    static readonly EventId Event = new(7, "Sold");

    static string Write(bool json, bool colours, LogLevel level, Exception? exception, params (string Key, object? Value)[] values)
    {
        var state = values.Select(static value => KeyValuePair.Create(value.Key, value.Value)).Append(new("{OriginalFormat}", "{Count} sold")).ToArray();
        var entry = new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
            level, "Edge.Shop.Till", Event, state, exception, static (_, _) => "3 \"kettles\"\nsold");
        var line = new StringWriter();
        new EdgeLogFormatter(json, colours, new FakeTime()).Write(entry, null, line);
        return line.ToString();
    }

    static JsonElement Json(params (string Key, object? Value)[] values) =>
        JsonDocument.Parse(Write(json: true, colours: false, LogLevel.Information, null, values)).RootElement;

    [Fact]
    public void An_event_is_one_line_of_json_with_its_values_as_members()
    {
        var line = Write(json: true, colours: true, LogLevel.Warning, null, ("Count", 3), ("TraceId", "abc"));
        Assert.Equal(
            """{"time":"2026-03-02T12:00:00Z","level":"warn","category":"Edge.Shop.Till","event":"Sold","message":"3 \"kettles\"\nsold","count":3,"traceId":"abc"}"""
            + Environment.NewLine,
            line);
    }

    [Fact]
    public void Values_keep_their_types()
    {
        var json = Json(
            ("Number", 1L << 40), ("Share", 0.25), ("Flag", true), ("Nothing", null), ("Endless", double.NaN), ("Price", 1.50m),
            ("Day", DayOfWeek.Friday));
        Assert.Equal(
            """1099511627776 0.25 true null "NaN" "1.50" "Friday" """.TrimEnd(),
            string.Join(' ', json.EnumerateObject().Skip(5).Select(static member => member.Value.GetRawText())));
    }

    [Theory]
    [InlineData("message")]
    [InlineData("Time")]
    [InlineData("LEVEL")]
    public void A_value_cannot_stand_in_for_a_member_of_the_line(string key)
    {
        var json = Json((key, "another"));
        Assert.Equal(
            ["time", "level", "category", "event", "message", key.ToLowerInvariant() + "Value"],
            json.EnumerateObject().Select(static member => member.Name));
    }

    [Theory]
    [InlineData(LogLevel.Trace, "trace")]
    [InlineData(LogLevel.Debug, "debug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "error")]
    [InlineData(LogLevel.Critical, "fatal")]
    public void A_level_is_the_word_that_sets_it(LogLevel level, string word) =>
        Assert.Equal(word, JsonDocument.Parse(Write(json: true, colours: false, level, null)).RootElement.GetProperty("level").GetString());

    [Fact]
    public void An_exception_stays_in_its_line()
    {
        var line = Write(json: true, colours: false, LogLevel.Error, new InvalidOperationException("one\ntwo"));
        Assert.Single(line.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("one\ntwo", JsonDocument.Parse(line).RootElement.GetProperty("exception").GetString());
    }

    [Fact]
    public void Text_is_one_short_line_without_escape_codes()
    {
        var line = Write(json: false, colours: false, LogLevel.Information, null);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.000 info  Till: 3 ""kettles"" sold\r?\n$", line);
    }

    [Fact]
    public void Colours_are_reset_before_the_message()
    {
        var line = Write(json: false, colours: true, LogLevel.Error, null);
        Assert.Contains("\e[31merror\e[0m Till", line);
    }

    [Fact]
    public void For_a_person_an_exception_keeps_its_lines() =>
        Assert.Contains(
            "System.InvalidOperationException: one",
            Write(json: false, colours: false, LogLevel.Error, new InvalidOperationException("one")).Split(Environment.NewLine)[1]);
}
