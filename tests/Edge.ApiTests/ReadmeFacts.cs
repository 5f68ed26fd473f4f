using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class ReadmeInProcess(TestBed bed) : ReadmeFacts(bed.InProcess);

public sealed class ReadmeNative(TestBed bed) : ReadmeFacts(bed.Native);

/// <summary>What the README shows is what a reader gets.</summary>
public abstract partial class ReadmeFacts : Facts
{
    static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    private protected ReadmeFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Each_curl_gets_the_answer_that_is_shown_below_it()
    {
        var examples = Example().Matches(Text);
        Assert.True(examples.Count >= 2, "the README shows fewer than two requests with their answers");
        foreach (Match example in examples)
        {
            using var answer = await Edge.Get(example.Groups["target"].Value);
            var got = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
            var shown = JsonDocument.Parse(example.Groups["answer"].Value).RootElement;
            SameShape(shown, got, example.Groups["target"].Value);
            if ((int)answer.StatusCode >= 400)
                SameValues(shown, got);
        }
    }

    [Fact]
    public void Each_dev_command_that_is_shown_exists()
    {
        var script = File.ReadAllText(Path.Combine(Repository.Root, "dev"));
        var commands = DevCommand().Matches(Text).Select(static match => match.Groups["name"].Value).Distinct().ToArray();
        Assert.Contains("run", commands);
        Assert.Contains("test", commands);
        Assert.All(commands, command => Assert.Matches($@"(?m)^\s+([a-z| ]+\| )?{command}\b[a-z| -]*\)", script));
    }

    /// <summary>Data depend on the seed; members, their order and their kinds do not.</summary>
    static void SameShape(JsonElement shown, JsonElement got, string where)
    {
        Assert.True(shown.ValueKind == got.ValueKind, $"{where}: README shows {shown.ValueKind}, the answer is {got.ValueKind}: {got}");
        if (shown.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(shown.GetArrayLength(), got.GetArrayLength());
            for (var i = 0; i < shown.GetArrayLength(); i++)
                SameShape(shown[i], got[i], $"{where}[{i}]");
        }
        if (shown.ValueKind != JsonValueKind.Object)
            return;
        Assert.Equal(shown.EnumerateObject().Select(static member => member.Name), got.EnumerateObject().Select(static member => member.Name));
        foreach (var member in shown.EnumerateObject())
            SameShape(member.Value, got.GetProperty(member.Name), $"{where}.{member.Name}");
    }

    /// <summary>A problem is the same for everybody but for its traceId.</summary>
    static void SameValues(JsonElement shown, JsonElement got)
    {
        foreach (var member in shown.EnumerateObject().Where(static member => member.Name != "traceId"))
            Assert.True(JsonElement.DeepEquals(member.Value, got.GetProperty(member.Name)), $"README shows {member}, the answer has {got.GetProperty(member.Name)}");
    }

    [GeneratedRegex(@"```sh\s+curl 'localhost:8080(?<target>[^']+)'\s+```\s+```json\s+(?<answer>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"\./dev (?<name>[a-z]+)")]
    private static partial Regex DevCommand();
}
