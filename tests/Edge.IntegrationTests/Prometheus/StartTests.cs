using System.Net;
using System.Net.Sockets;
using Edge.Prometheus;
using Edge.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Edge.IntegrationTests.Prometheus;

/// <summary>Where it listens, and what it says where it cannot.</summary>
public sealed class StartTests : IDisposable
{
    readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(Poll.TimeoutSeconds) };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("localhost", null)]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("*", "127.0.0.1")]
    [InlineData("*", "localhost")]
    [InlineData("+", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::1", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("::", "[::1]")]
    [InlineData("::", "127.0.0.1")]
    public async Task It_listens_where_it_is_told(string host, string? asked)
    {
        if (host.Contains(':', StringComparison.Ordinal) && !Socket.OSSupportsIPv6) return;
        using var target = ScrapeTarget.Start(host: host);
        if (asked is null)
        {
            var first = (await Dns.GetHostAddressesAsync("localhost", Cancel))[0];
            // HttpListener compares with what was asked for, and knows no IPv6 address.
            asked = first.AddressFamily == AddressFamily.InterNetworkV6 ? "localhost" : first.ToString();
        }

        Assert.Contains("target_info", await _client.GetStringAsync(target.At("/metrics", asked), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_the_setting_and_the_provider_works_without()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        using var target = ScrapeTarget.StartAt("127.0.0.1", port);
        var problem = Assert.Single(target.Problems);
        Assert.Equal(PrometheusProblemKind.PortInUse, problem.Kind);
        Assert.Equal($"Port {port} is taken, so that metrics cannot be scraped at 127.0.0.1:{port}. Stop what has it, or choose another: Port, or OTEL_EXPORTER_PROMETHEUS_PORT.", problem.Text);
        target.Meter.CreateCounter<long>("a").Add(1);
        // And one exporter is in the other's way as any process is.
        holder.Stop();
        using var first = ScrapeTarget.Start();
        using var second = ScrapeTarget.StartAt("127.0.0.1", first.Port);
        Assert.Equal(PrometheusProblemKind.PortInUse, Assert.Single(second.Problems).Kind);
        Assert.Contains("target_info", await _client.GetStringAsync(first.Metrics, Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.1", PrometheusProblemKind.AddressNotAvailable)]
    [InlineData("no-such-host.invalid", PrometheusProblemKind.AddressNotAvailable)]
    [InlineData("not a host", PrometheusProblemKind.InvalidOptions)]
    public void An_address_that_is_not_this_machine_s_is_told(string host, PrometheusProblemKind kind)
    {
        using var target = ScrapeTarget.StartAt(host, 9464);
        Assert.Equal(kind, Assert.Single(target.Problems).Kind);
        Assert.Contains(host, target.Problems[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_wants_a_start_that_fails_to_be_fatal_throws()
    {
        var builder = Sdk.CreateMeterProviderBuilder().AddPrometheusHttpListener(static options =>
            (options.Port, options.OnProblem) = (0, static problem => throw new InvalidOperationException(problem.Text)));
        Assert.Contains("Port is 0", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }
}
