using System.Net;
using System.Net.Sockets;
using Edge.Prometheus;
using Edge.Prometheus.Listening;

namespace Edge.Tests.Prometheus;

public sealed class OptionsTests
{
    [Fact]
    public void The_defaults_are_those_of_OpenTelemetry_and_reach_no_further_than_this_machine()
    {
        var options = new PrometheusHttpListenerOptions();
        Assert.Equal("localhost", options.Host);
        Assert.Equal(9464, options.Port);
        Assert.Equal("/metrics", options.ScrapeEndpointPath);
        Assert.Equal(300, options.ScrapeResponseCacheDurationMilliseconds);
        Assert.True(options.TargetInfoEnabled);
        Assert.True(options.ScopeInfoEnabled);
        Assert.Null(options.ResourceConstantLabels);
        Assert.False(options.DisableTotalNameSuffixForCounters);
        Assert.Empty(options.Problems());
        Assert.Contains("http://localhost:9464/", ListenerPrefixes.Of(options.Host, options.Port));
        Assert.All(ListenerPrefixes.Of(options.Host, options.Port), static prefix => Assert.True(new Uri(prefix).IsLoopback));
    }

    [Fact]
    public void The_environment_sets_what_the_code_does_not()
    {
        var options = Read(new(), ("OTEL_EXPORTER_PROMETHEUS_HOST", "*"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "9999"));
        Assert.Equal("*", options.Host);
        Assert.Equal(9999, options.Port);
        options = Read(new() { Host = "::1", Port = 1 }, ("OTEL_EXPORTER_PROMETHEUS_HOST", "*"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "9999"));
        Assert.Equal("::1", options.Host);
        Assert.Equal(1, options.Port);
        options = Read(new(), ("OTEL_EXPORTER_PROMETHEUS_HOST", ""), ("OTEL_EXPORTER_PROMETHEUS_PORT", ""));
        Assert.Equal("localhost", options.Host);
        Assert.Equal(9464, options.Port);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("9464 ")]
    [InlineData("99999999999")]
    public void A_port_that_is_none_is_named_with_its_variable(string port)
    {
        var problem = Assert.Single(Read(new(), ("OTEL_EXPORTER_PROMETHEUS_PORT", port)).Problems());
        Assert.Contains("OTEL_EXPORTER_PROMETHEUS_PORT is '" + port, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_each_with_its_key()
    {
        var problems = new PrometheusHttpListenerOptions
        {
            Host = "a b", Port = 0, ScrapeEndpointPath = "metrics", ScrapeResponseCacheDurationMilliseconds = -1, ScrapeTimeoutMilliseconds = 0,
            MaxResponseBytes = 1, MaxConcurrentRequests = 0,
        }.Problems();
        Assert.Equal(7, problems.Count);
        foreach (var key in (string[])["Host", "Port", "ScrapeEndpointPath", "ScrapeResponseCacheDurationMilliseconds", "ScrapeTimeoutMilliseconds", "MaxResponseBytes", "MaxConcurrentRequests"])
            Assert.Contains(problems, problem => problem.StartsWith(key + " is ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("*", true)]
    [InlineData("+", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("::1", true)]
    [InlineData("[fe80::1]", true)]
    [InlineData("edge.internal", true)]
    [InlineData("::", true)]
    [InlineData("", false)]
    [InlineData("http://localhost", false)]
    [InlineData("localhost:9464", false)]
    public void A_host_is_a_name_an_address_or_all(string host, bool isOne) => Assert.Equal(isOne, new PrometheusHttpListenerOptions { Host = host }.Problems().Count == 0);

    [Theory]
    [InlineData("/", true)]
    [InlineData("/a/b", true)]
    [InlineData(null, true)]
    [InlineData("", false)]
    [InlineData("/a?b", false)]
    [InlineData("/a b", false)]
    [InlineData("/é", false)]
    public void A_path_begins_with_a_slash_and_is_plain(string? path, bool isOne) => Assert.Equal(isOne, new PrometheusHttpListenerOptions { ScrapeEndpointPath = path }.Problems().Count == 0);

    [Theory]
    [InlineData("*", "http://*:9464/")]
    [InlineData("+", "http://+:9464/")]
    [InlineData("0.0.0.0", "http://*:9464/")]
    [InlineData("127.0.0.1", "http://127.0.0.1:9464/")]
    public void An_address_is_listened_on_as_itself(string host, string prefix) => Assert.Equal([prefix], ListenerPrefixes.Of(host, 9464));

    [Theory]
    [InlineData(98, PrometheusProblemKind.PortInUse, "Port 9464 is taken")]
    [InlineData(183, PrometheusProblemKind.PortInUse, "OTEL_EXPORTER_PROMETHEUS_PORT")]
    [InlineData(13, PrometheusProblemKind.AccessDenied, "may not listen on port 9464")]
    [InlineData(99, PrometheusProblemKind.AddressNotAvailable, "OTEL_EXPORTER_PROMETHEUS_HOST")]
    [InlineData(1, PrometheusProblemKind.NotStarted, "localhost:9464")]
    public void A_failed_start_names_what_to_change(int errorCode, PrometheusProblemKind kind, string text)
    {
        var problem = StartFailure.Of(new HttpListenerException(errorCode), new());
        Assert.Equal(kind, problem.Kind);
        Assert.True(problem.IsStartFailure);
        Assert.Contains(text, problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_an_address_that_is_not_there() =>
        Assert.Equal(PrometheusProblemKind.AddressNotAvailable, StartFailure.Of(new SocketException((int)SocketError.HostNotFound), new()).Kind);

    [Fact]
    public void A_problem_is_told_once_and_a_listener_that_throws_harms_nobody()
    {
        var told = 0;
        var log = new ProblemLog(_ =>
        {
            told++;
            throw new InvalidOperationException();
        });
        for (var i = 0; i < 3; i++) log.Tell(PrometheusProblemKind.NameConflict, "a", "text");
        log.Tell(PrometheusProblemKind.NameConflict, "b", "text");
        Assert.Equal(2, told);
    }

    static PrometheusHttpListenerOptions Read(PrometheusHttpListenerOptions options, params (string Key, string Value)[] environment)
    {
        options.ReadEnvironment(key => Array.Find(environment, variable => variable.Key == key).Value);
        return options;
    }
}
