using Edge.Core.Basics;

namespace Edge.Tests.Basics;

public class ProgressTests
{
    readonly FakeTime clock = new();
    readonly StringWriter output = new() { NewLine = "\n" };

    [Fact]
    public void A_task_of_under_two_seconds_shows_its_last_line_only()
    {
        var progress = new Progress(output, clock, ProgressStyle.Live);
        Run(progress, seconds: 1.9, total: 190);
        Assert.Equal("users: 190 in 1.9 s (100/s)\n", output.ToString());
    }

    [Fact]
    public void A_terminal_line_is_rewritten_at_most_ten_times_a_second()
    {
        var progress = new Progress(output, clock, ProgressStyle.Live);
        Run(progress, seconds: 5, total: 5_000);
        // Quiet for two seconds, then three seconds of updates; the last rewrite is the final line's.
        Assert.InRange(output.ToString().Count(static c => c == '\r'), 28, 32);
    }

    [Fact]
    public void Plain_lines_come_at_most_every_five_seconds_and_hold_no_control_characters()
    {
        var progress = new Progress(output, clock, ProgressStyle.Lines);
        Run(progress, seconds: 16, total: 1_600);
        var lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.DoesNotContain(output.ToString(), static c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void It_tells_label_count_share_rate_and_remaining_time()
    {
        var progress = new Progress(output, clock, ProgressStyle.Lines);
        progress.Start("orders", 4_000_000);
        clock.Advance(TimeSpan.FromSeconds(10));
        progress.Report(1_000_000);
        Assert.Equal("orders 1,000,000/4,000,000 25 %, 100,000/s, 30 s left\n", output.ToString());
    }

    [Fact]
    public void The_bar_fills_with_the_share_done()
    {
        var progress = new Progress(output, clock, ProgressStyle.Live);
        progress.Start("orders", 100);
        clock.Advance(TimeSpan.FromSeconds(3));
        progress.Report(50);
        Assert.Contains("[############............] 50/100 50 %", output.ToString());
    }

    [Fact]
    public void An_unknown_total_shows_neither_share_nor_remaining_time()
    {
        var progress = new Progress(output, clock, ProgressStyle.Lines);
        progress.Start("rows", 0);
        clock.Advance(TimeSpan.FromSeconds(10));
        progress.Report(500);
        Assert.Equal("rows 500, 50/s\n", output.ToString());
    }

    [Fact]
    public void More_than_promised_is_a_hundred_per_cent_and_no_negative_time()
    {
        var progress = new Progress(output, clock, ProgressStyle.Lines);
        progress.Start("rows", 100);
        clock.Advance(TimeSpan.FromSeconds(10));
        progress.Report(150);
        Assert.Equal("rows 150/100 100 %, 15/s\n", output.ToString());
    }

    [Theory]
    [InlineData(5_000, "1 min 30 s left")]
    [InlineData(500, "16 min 30 s left")]
    [InlineData(10, "13 h 53 min left")]
    public void Long_remaining_times_are_told_in_minutes_and_hours(long done, string expected)
    {
        var progress = new Progress(output, clock, ProgressStyle.Lines);
        progress.Start("rows", done == 10 ? 50_010 : 50_000);
        clock.Advance(TimeSpan.FromSeconds(10));
        progress.Report(done);
        Assert.Contains(expected, output.ToString());
    }

    [Fact]
    public void A_note_clears_the_live_line_first()
    {
        var progress = new Progress(output, clock, ProgressStyle.Live);
        progress.Start("rows", 100);
        clock.Advance(TimeSpan.FromSeconds(3));
        progress.Report(10);
        progress.Note("one thing");
        Assert.EndsWith("\r\e[Kone thing\n", output.ToString());
    }

    [Theory]
    [InlineData(false, null, "xterm-256color", ProgressStyle.Live)]
    [InlineData(false, "", "xterm", ProgressStyle.Live)]
    [InlineData(true, null, "xterm", ProgressStyle.Lines)]
    [InlineData(false, "1", "xterm", ProgressStyle.Lines)]
    [InlineData(false, null, "dumb", ProgressStyle.Lines)]
    [InlineData(false, null, null, ProgressStyle.Lines)]
    public void Only_a_capable_terminal_gets_a_live_line(bool redirected, string? noColor, string? terminal, ProgressStyle expected) =>
        Assert.Equal(expected, Progress.StyleFor(redirected, noColor, terminal));

    void Run(Progress progress, double seconds, int total)
    {
        progress.Start("users", total);
        for (var i = 1; i <= total; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(seconds / total));
            progress.Report(i);
        }
        progress.Finish(total);
    }
}
