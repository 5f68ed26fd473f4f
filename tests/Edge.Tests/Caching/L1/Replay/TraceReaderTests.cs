using Edge.Replay.Traces;

namespace Edge.Tests.Caching.L1.Replay;

public sealed class TraceReaderTests
{
    [Fact]
    public void Keys_are_numbered_by_first_appearance()
    {
        var trace = Read("b\na\n\nb 77\n", TraceFormat.Keys);

        Assert.Equal([0, 1, 0], trace.Keys);
        Assert.Equal([TraceReader.DefaultBytes, TraceReader.DefaultBytes, 77], trace.SizesBytes);
        Assert.Equal(2, trace.KeyCount);
    }

    [Fact]
    public void A_line_of_arc_stands_for_consecutive_blocks()
    {
        var trace = Read("10 3 0 1\n12 1 0 2\n", TraceFormat.Arc);

        Assert.Equal([0, 1, 2, 2], trace.Keys);
        Assert.All(trace.SizesBytes, size => Assert.Equal(TraceReader.ArcBlockBytes, size));
    }

    [Theory]
    [InlineData("a 1\nb x\n", "Keys")]
    [InlineData("a\nb 1 2\n", "Keys")]
    [InlineData("a\nb -1\n", "Keys")]
    [InlineData("1 2 0 0\n1\n", "Arc")]
    [InlineData("1 2 0 0\nx 1 0 0\n", "Arc")]
    public void A_line_that_makes_no_sense_is_named(string text, string format)
    {
        var failure = Assert.Throws<FormatException>(() => Read(text, Enum.Parse<TraceFormat>(format)));
        Assert.Contains("line 2", failure.Message);
    }

    [Theory]
    [InlineData("a\nb\nc\n", "Keys")]
    [InlineData("0 1000000000 0 0\n", "Arc")]
    public void Reading_stops_at_the_limit(string text, string format) =>
        Assert.Equal(2, TraceReader.Read(new StringReader(text), "t", Enum.Parse<TraceFormat>(format), 0, maxRequests: 2).Count);

    [Fact]
    public void Made_up_traces_are_the_same_for_the_same_seed()
    {
        foreach (var (name, _) in SyntheticTraces.All)
        {
            var (first, second) = (SyntheticTraces.Make(name, 5000, 1), SyntheticTraces.Make(name, 5000, 1));
            var third = SyntheticTraces.Make(name, 5000, 2);
            Assert.Equal(first.Keys, second.Keys);
            Assert.Equal(first.SizesBytes, second.SizesBytes);
            Assert.Equal(5000, first.Count);
            Assert.NotEqual(first.SizesBytes, third.SizesBytes);
        }
    }

    static Trace Read(string text, TraceFormat format) => TraceReader.Read(new StringReader(text), "t", format, 0, 1000);
}
