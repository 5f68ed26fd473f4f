using System.Globalization;
using System.Text;

namespace Edge.Core.Basics;

public enum ProgressStyle
{
    /// <summary>One line, rewritten in place. For terminals.</summary>
    Live,

    /// <summary>A new line now and then. For files, pipes and dumb terminals.</summary>
    Lines,
}

/// <summary>
/// Tells a person how far a long task is: label, done of total, rate, time remaining. One task at a time:
/// <see cref="Start"/>, <see cref="Report"/> as often as one likes (most calls only read the clock), <see cref="Finish"/>.
/// A task shorter than <see cref="QuietSeconds"/> shows its last line only. Not thread-safe.
/// </summary>
public sealed class Progress(TextWriter output, TimeProvider clock, ProgressStyle style)
{
    internal const double QuietSeconds = 2;
    internal const double LiveIntervalSeconds = 0.1;
    internal const double LineIntervalSeconds = 5;
    const int BarWidth = 24;
    const string EraseToEndOfLine = "\e[K";

    readonly StringBuilder line = new();
    string label = "";
    long total;
    long started;
    long shown;
    bool liveLineOpen;

    /// <summary>NO_COLOR stands for "no control sequences" here: who sets it wants plain text.</summary>
    public static ProgressStyle StyleFor(bool redirected, string? noColor, string? terminal) =>
        redirected || !string.IsNullOrEmpty(noColor) || terminal is null or "" or "dumb" ? ProgressStyle.Lines : ProgressStyle.Live;

    /// <param name="label">Short; what is being done.</param>
    /// <param name="total">0: unknown, so no bar and no remaining time.</param>
    public void Start(string label, long total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        this.label = label;
        this.total = total;
        started = shown = clock.GetTimestamp();
    }

    public void Report(long done)
    {
        var now = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(started, now).TotalSeconds;
        if (seconds < QuietSeconds) return;
        var interval = style == ProgressStyle.Live ? LiveIntervalSeconds : LineIntervalSeconds;
        if (clock.GetElapsedTime(shown, now).TotalSeconds < interval) return;
        shown = now;
        Compose(done, seconds);
        if (style == ProgressStyle.Lines)
        {
            output.WriteLine(line);
            return;
        }
        output.Write(line.Insert(0, '\r').Append(EraseToEndOfLine));
        output.Flush();
        liveLineOpen = true;
    }

    /// <summary>Ends the task with one lasting line: how many, how long, how fast.</summary>
    public void Finish(long done)
    {
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        line.Clear().Append(label).Append(": ").Append(Count(done)).Append(" in ").Append(Duration(seconds));
        if (seconds > 0) line.Append(" (").Append(Count((long)(done / seconds))).Append("/s)");
        CloseLiveLine();
        output.WriteLine(line);
    }

    /// <summary>A line of its own between the progress lines.</summary>
    public void Note(string text)
    {
        CloseLiveLine();
        output.WriteLine(text);
    }

    void CloseLiveLine()
    {
        if (liveLineOpen) output.Write("\r" + EraseToEndOfLine);
        liveLineOpen = false;
    }

    void Compose(long done, double seconds)
    {
        line.Clear().Append(label).Append(' ');
        var rate = done / seconds;
        if (total == 0)
        {
            line.Append(Count(done));
        }
        else
        {
            var part = Math.Clamp((double)done / total, 0, 1);
            if (style == ProgressStyle.Live)
            {
                var filled = (int)(part * BarWidth);
                line.Append('[').Append('#', filled).Append('.', BarWidth - filled).Append("] ");
            }
            line.Append(Count(done)).Append('/').Append(Count(total)).Append(CultureInfo.InvariantCulture, $" {Math.Floor(part * 100):0} %");
        }
        line.Append(", ").Append(Count((long)rate)).Append("/s");
        if (total > done && rate > 0) line.Append(", ").Append(Duration((total - done) / rate)).Append(" left");
    }

    static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    static string Duration(double seconds) => seconds switch
    {
        < 10 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 60 => seconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)(seconds / 3600)} h {(int)(seconds / 60) % 60:00} min"),
    };
}
