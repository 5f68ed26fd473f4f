using System.Runtime.Versioning;
using Edge.Testing;

namespace Edge.IntegrationTests.Servers;

[SupportedOSPlatform("linux")]
public sealed class EdgeProcessTests : IDisposable
{
    readonly string script = Path.GetTempFileName();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(script);

    [Fact]
    public async Task A_binary_that_ends_before_it_is_ready_is_quoted()
    {
        var binary = Script("echo to stdout; echo to stderr >&2; exit 3");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => EdgeProcess.Start(binary, new Dictionary<string, string>(), Cancel));

        Assert.Contains("exited with 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("to stdout", error.Message, StringComparison.Ordinal);
        Assert.Contains("to stderr", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_port_is_tried_again_on_another()
    {
        var ports = $"{script}.ports";
        var binary = Script($"echo $PORT >> {ports}; echo 'Address already in use'; exit 1");

        await Assert.ThrowsAsync<InvalidOperationException>(() => EdgeProcess.Start(binary, new Dictionary<string, string>(), Cancel));

        Assert.Equal(5, (await File.ReadAllLinesAsync(ports, Cancel)).Length);
        File.Delete(ports);
    }

    [Fact]
    public async Task Only_the_given_settings_reach_the_binary()
    {
        Environment.SetEnvironmentVariable("EDGE_LEAK", "leaked");
        var binary = Script("echo \"[$EDGE_LEAK][$EDGE_GIVEN]\"; exit 1");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EdgeProcess.Start(binary, new Dictionary<string, string> { ["EDGE_GIVEN"] = "given" }, Cancel));

        Assert.Contains("[][given]", error.Message, StringComparison.Ordinal);
    }

    string Script(string body)
    {
        File.WriteAllText(script, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }
}
