using Edge.Hosting;
using Edge.Http;
using Edge.Testing;
using Edge.Tests.Basics;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Hosting;

public sealed class SettingsWatcherTests : IDisposable
{
    readonly string _path = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():N}.json");
    readonly FakeTime _clock = new();
    readonly LogRecorder<SettingsWatcher> _log = new();
    readonly RateLimiter _limiter;

    public SettingsWatcherTests() => _limiter = new(LimitSettings.Default, ProxyTrust.Nobody, keys: null, store: null, _clock);

    [Fact]
    public async Task A_changed_file_is_taken_over_whole_and_a_wrong_one_not_at_all()
    {
        File.WriteAllText(_path, "{}");
        using var watcher = new SettingsWatcher(new(_path, new MemoryConfigurationSource()), _limiter, _clock, _log);
        await watcher.StartAsync(TestContext.Current.CancellationToken);
        await After("""{ "EDGE_LIMIT_PUBLIC": "7/s", "EDGE_LIMIT_WRITES": "off" }""", "LimitsChanged", 1);
        Assert.Equal((7, null), (_limiter.Rule(LimitPolicy.Public)?.Limit.Burst, _limiter.Rule(LimitPolicy.Writes)));

        await After("""{ "EDGE_LIMIT_PUBLIC": "9/s", "EDGE_LIMIT_USER": "many", "EDGE_LIMIT_EXEMPT": "me" }""", "SettingsWrong", 2);
        await After("""{ "EDGE_LIMIT_PUBLIC": """, "SettingsWrong", 3);
        Assert.Equal((7, null), (_limiter.Rule(LimitPolicy.Public)?.Limit.Burst, _limiter.Rule(LimitPolicy.Writes)));
        Assert.Contains(_log.Events, static line => line.Text.Contains("EDGE_LIMIT_USER is 'many'", StringComparison.Ordinal));

        await After("{}", "LimitsChanged", 2);
        Assert.Equal(LimitSettings.Default.Public, _limiter.Rule(LimitPolicy.Public)?.Limit);
        await watcher.StopAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => File.Delete(_path);

    async Task After(string content, string happens, int times)
    {
        File.WriteAllText(_path, content);
        await Poll.Until(
            _ =>
            {
                _clock.Advance(TimeSpan.FromSeconds(2));
                return ValueTask.FromResult(_log.Events.Count(line => line.Name == happens) >= times);
            },
            happens, TestContext.Current.CancellationToken);
    }
}
