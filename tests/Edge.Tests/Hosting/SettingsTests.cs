using Edge.Hosting;
using Microsoft.Extensions.Configuration;

namespace Edge.Tests.Hosting;

public sealed class SettingsTests
{
    static (EdgeSettings Settings, IReadOnlyList<SettingMistake> Mistakes) Read(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            .Build();
        var source = new SettingsSource(configuration);
        return (SettingsReader.Read(source), source.Mistakes);
    }

    [Fact]
    public void Nothing_set_is_valid_and_has_no_database()
    {
        var (settings, mistakes) = Read();
        Assert.Empty(mistakes);
        Assert.Null(settings.Database);
        Assert.Equal(8080, settings.Port);
        Assert.Equal(Modules.All, settings.Modules);
    }

    [Fact]
    public void Every_mistake_is_reported_at_once_with_its_key_and_fix()
    {
        var (_, mistakes) = Read(
            ("PORT", "http"), ("DB_MAX_CONNECTIONS", "0"), ("DB_MIN_CONNECTIONS", "30"), ("ADMIN_TOKEN", "short"), ("EDGE_LOG_LEVEL", "loud"),
            ("EDGE_MODULES", "catalogue,shop"), ("DATABASE_URL", "mysql://x"), ("REDIS_URL", "localhost"), ("EDGE_PROBE_INTERVAL_SECONDS", "-1"));
        Assert.Equal(
            ["ADMIN_TOKEN", "DATABASE_URL", "DB_MAX_CONNECTIONS", "DB_MIN_CONNECTIONS", "EDGE_LOG_LEVEL", "EDGE_MODULES", "EDGE_PROBE_INTERVAL_SECONDS", "PORT", "REDIS_URL"],
            mistakes.Select(static mistake => mistake.Key).Order(StringComparer.Ordinal));
        Assert.All(mistakes, static mistake => Assert.NotEmpty(mistake.Fix));
    }

    [Fact]
    public void A_misspelled_key_is_named_with_the_one_that_was_meant()
    {
        var (_, mistakes) = Read(("EDGE_MODULE", "all"));
        var mistake = Assert.Single(mistakes);
        Assert.Equal("EDGE_MODULE", mistake.Key);
        Assert.Contains("EDGE_MODULES", mistake.Fix);
    }

    [Fact]
    public void Two_underscores_are_a_misspelled_key_too()
    {
        // EDGE__MODULES in the environment.
        var mistake = Assert.Single(Read(("EDGE:MODULES", "users")).Mistakes);
        Assert.Equal("EDGE__MODULES", mistake.Key);
        Assert.Contains("EDGE_MODULES", mistake.Fix);
    }

    [Fact]
    public void To_migrate_without_a_database_is_told_beside_other_mistakes()
    {
        Assert.Equal(["PORT", "EDGE_MIGRATE"], Read(("EDGE_MIGRATE", "1"), ("PORT", "http")).Mistakes.Select(static mistake => mistake.Key));
        Assert.Equal(["DATABASE_URL"], Read(("EDGE_MIGRATE", "1"), ("DATABASE_URL", "mysql://x")).Mistakes.Select(static mistake => mistake.Key));
        Assert.Equal(["DB_NAME", "DB_USER"], Read(("EDGE_MIGRATE", "1"), ("DB_HOST", "h")).Mistakes.Select(static mistake => mistake.Key));
    }

    [Fact]
    public void What_Kubernetes_tells_of_a_service_called_edge_is_no_mistake()
    {
        Assert.Empty(Read(
            ("EDGE_SERVICE_HOST", "10.0.0.7"), ("EDGE_SERVICE_PORT", "8080"), ("EDGE_SERVICE_PORT_HTTP", "8080"), ("EDGE_PORT", "tcp://10.0.0.7:8080"),
            ("EDGE_PORT_8080_TCP", "tcp://10.0.0.7:8080"), ("EDGE_PORT_8080_TCP_ADDR", "10.0.0.7"), ("EDGE_PORT_8080_TCP_PROTO", "tcp")).Mistakes);
        Assert.Equal("EDGE_PORT", Assert.Single(Read(("EDGE_PORT", "8080")).Mistakes).Key);
    }

    [Theory]
    [InlineData("EDGE_CORS_ORIGINS:0", "EDGE_CORS_ORIGINS")]
    [InlineData("edge_limit_plans:standard", "edge_limit_plans")]
    [InlineData("PORT:http", "PORT")]
    public void A_list_or_an_object_in_place_of_a_text_is_a_mistake(string path, string key)
    {
        var mistake = Assert.Single(Read((path, "8080")).Mistakes);
        Assert.Equal(key, mistake.Key);
        Assert.Contains("one text", mistake.Fix);
    }

    [Theory]
    [InlineData("DATABASE_URL", "tcp://db:5432/shop")]
    [InlineData("REDIS_URL", "tcp://redis:6379")]
    [InlineData("EDGE_MODULES", "udp://x")]
    public void A_wrong_scheme_is_no_word_of_Kubernetes(string key, string value) => Assert.Equal(key, Assert.Single(Read((key, value)).Mistakes).Key);

    [Fact]
    public void No_mistake_repeats_a_secret()
    {
        const string secret = "hunter2";
        var (_, mistakes) = Read(
            ("ADMIN_TOKEN", secret), ("EDGE_CURSOR_KEY", secret), ("DATABASE_URL", $"postgres://u:{secret}?x@h/d"), ("REDIS_URL", $"http://:{secret}@h"));
        Assert.Equal(4, mistakes.Count);
        Assert.All(mistakes, static mistake => Assert.DoesNotContain(secret, mistake.ToString()));
    }

    [Fact]
    public void A_url_and_parts_of_it_are_not_mixed()
    {
        var (_, mistakes) = Read(("DATABASE_URL", "postgres://u@h/d"), ("DB_HOST", "other"));
        Assert.Equal("DB_HOST", Assert.Single(mistakes).Key);
    }

    [Fact]
    public void An_authority_whose_file_is_not_there_is_a_mistake()
    {
        const string url = "postgres://u:hunter2@h/d?sslmode=verify-full&sslrootcert=";
        Assert.Empty(Read(("DATABASE_URL", url + Environment.ProcessPath)).Mistakes);
        var mistake = Assert.Single(Read(("DATABASE_URL", url + "/nowhere/ca.pem")).Mistakes);
        Assert.Equal("DATABASE_URL", mistake.Key);
        Assert.Contains("/nowhere/ca.pem", mistake.Wrong);
        Assert.DoesNotContain("hunter2", mistake.ToString());
    }

    [Fact]
    public void Parts_make_a_database_and_missing_ones_are_named()
    {
        var (settings, none) = Read(("DB_HOST", "h"), ("DB_NAME", "d"), ("DB_USER", "u"), ("DB_PASSWORD", "p"), ("DB_MAX_CONNECTIONS", "7"));
        Assert.Empty(none);
        Assert.Equal(("h", "d", "u", "p", 7), (settings.Database!.Host, settings.Database.Name, settings.Database.User, settings.Database.Password, settings.Database.MaxConnections));

        var (_, mistakes) = Read(("DB_HOST", "h"));
        Assert.Equal(["DB_NAME", "DB_USER"], mistakes.Select(static mistake => mistake.Key));
    }

    [Fact]
    public void Exports_are_bounded_in_number_and_time()
    {
        var (settings, none) = Read();
        Assert.Empty(none);
        Assert.Equal((2, 60), (settings.ExportsAtOnce, settings.ExportTimeoutMinutes));
        var (_, mistakes) = Read(("EDGE_EXPORTS_AT_ONCE", "0"), ("EDGE_EXPORT_TIMEOUT_MINUTES", "1441"));
        Assert.Equal(["EDGE_EXPORTS_AT_ONCE", "EDGE_EXPORT_TIMEOUT_MINUTES"], mistakes.Select(static mistake => mistake.Key));
    }

    [Fact]
    public void Load_is_shed_by_default_between_a_floor_and_a_ceiling()
    {
        var (settings, none) = Read();
        Assert.Empty(none);
        Assert.Equal((16, 1_000, 500), (settings.Shedding!.Floor, settings.Shedding.Ceiling, settings.Shedding.QueueMs));
        Assert.Null(Read(("EDGE_SHED", "0")).Settings.Shedding);
        var (_, mistakes) = Read(("EDGE_SHED_FLOOR", "0"), ("EDGE_SHED_CEILING", "100001"), ("EDGE_SHED_QUEUE_MS", "9"));
        Assert.Equal(["EDGE_SHED_FLOOR", "EDGE_SHED_CEILING", "EDGE_SHED_QUEUE_MS"], mistakes.Select(static mistake => mistake.Key));
        (_, mistakes) = Read(("EDGE_SHED_FLOOR", "40"), ("EDGE_SHED_CEILING", "20"));
        Assert.Equal(["EDGE_SHED_FLOOR"], mistakes.Select(static mistake => mistake.Key));
    }

    [Fact]
    public void An_empty_variable_is_an_unset_one()
    {
        var (settings, mistakes) = Read(("DATABASE_URL", ""), ("PORT", " "));
        Assert.Empty(mistakes);
        Assert.Null(settings.Database);
    }

    [Theory]
    [InlineData("all", Modules.All)]
    [InlineData("Catalogue", Modules.Catalogue)]
    [InlineData("users, blogs", Modules.Users | Modules.Blogs)]
    [InlineData("exports", Modules.Exports)]
    [InlineData("none", Modules.None)]
    public void Modules_are_a_list_of_names(string text, object modules) => Assert.Equal(modules, Read(("EDGE_MODULES", text)).Settings.Modules);

    [Fact]
    public void What_kubernetes_says_of_services_called_redis_and_db_is_not_meant_for_us()
    {
        var (settings, mistakes) = Read(
            ("REDIS_PORT", "tcp://10.1.2.3:6379"), ("DB_PORT", "tcp://10.1.2.4:5432"), ("DATABASE_URL", "postgres://u@h/d"));
        Assert.Empty(mistakes);
        Assert.Equal("h", settings.Database!.Host);
    }

    [Fact]
    public void The_api_and_the_metrics_do_not_share_a_port()
    {
        var mistake = Assert.Single(Read(("PORT", "9464")).Mistakes);
        Assert.Equal("OTEL_EXPORTER_PROMETHEUS_PORT", mistake.Key);
        Assert.Single(Read(("OTEL_EXPORTER_PROMETHEUS_PORT", "8080")).Mistakes);
        Assert.Empty(Read(("PORT", "9464"), ("OTEL_METRICS_EXPORTER", "none")).Mistakes);
    }

    [Fact]
    public void Sessions_slide_unless_told_not_to()
    {
        Assert.True(Read().Settings is { IsSessionSliding: true, SessionHours: 720, HashQueue: 64, HashThreads: > 0 });
        var (settings, none) = Read(("EDGE_SESSION_SLIDING", "0"), ("EDGE_SESSION_HOURS", "8"), ("EDGE_HASH_QUEUE", "5"), ("EDGE_HASH_THREADS", "3"));
        Assert.Empty(none);
        Assert.True(settings is { IsSessionSliding: false, SessionHours: 8, HashQueue: 5, HashThreads: 3 });
        Assert.Equal(
            ["EDGE_HASH_QUEUE", "EDGE_HASH_THREADS", "EDGE_SESSION_HOURS", "EDGE_SESSION_SLIDING"],
            Read(("EDGE_HASH_THREADS", "0"), ("EDGE_HASH_QUEUE", "0"), ("EDGE_SESSION_HOURS", "0"), ("EDGE_SESSION_SLIDING", "often")).Mistakes
                .Select(static mistake => mistake.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Migrating_without_a_database_is_a_mistake() => Assert.Equal("EDGE_MIGRATE", Assert.Single(Read(("EDGE_MIGRATE", "1")).Mistakes).Key);
}
