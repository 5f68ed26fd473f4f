using Edge.Replay;

namespace Edge.Tests.Caching.L1.Replay;

public sealed class ReplayOptionsTests
{
    [Fact]
    public void Sizes_may_have_units()
    {
        var (options, error) = ReplayOptions.Parse(["flood", "--budget", "8192,64KiB,2MiB,1GiB", "--times", "3"]);

        Assert.Null(error);
        Assert.Equal("flood", options!.Command);
        Assert.Equal([8192, 64 << 10, 2 << 20, 1 << 30], options.BudgetsBytes);
        Assert.Equal(3, options.Times);
    }

    [Theory]
    [InlineData("--budget", "8MB")]
    [InlineData("--budget", "0")]
    [InlineData("--budget", "99999999999GiB")]
    [InlineData("--format", "csv")]
    [InlineData("--synthetic", "zipf,zapf")]
    [InlineData("--requests", "-1")]
    [InlineData("--colour", "red")]
    public void What_makes_no_sense_is_named(string name, string value)
    {
        var (options, error) = ReplayOptions.Parse([name, value]);

        Assert.Null(options);
        Assert.Contains(value, error);
    }

    [Fact]
    public void An_option_without_its_value_is_named() => Assert.Contains("--seed", ReplayOptions.Parse(["--seed"]).Error);
}
