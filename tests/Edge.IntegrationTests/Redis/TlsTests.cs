using Edge.Redis;
using Edge.Testing;

namespace Edge.IntegrationTests.Redis;

public sealed class TlsTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_TLS_a_trusted_server_is_spoken_to_and_an_untrusted_or_misnamed_one_is_not()
    {
        await using var server = await OwnRedis.Start(
            static (folder, port) =>
            {
                TestCertificate.Write(folder);
                return
                [
                    "--tls-port", $"{port}", "--tls-auth-clients", "no", "--tls-cert-file", Path.Combine(folder, "cert.pem"),
                    "--tls-key-file", Path.Combine(folder, "key.pem"), "--tls-ca-cert-file", Path.Combine(folder, "cert.pem"),
                ];
            },
            Cancel);
        var certificate = Path.Combine(Path.GetDirectoryName(server.Options.UnixSocketPath)!, "cert.pem");
        Assert.True(RedisUrl.TryParse($"rediss://127.0.0.1:{server.TlsPort}", out var options, out var problem), problem);
        options = options with { TlsCaFile = certificate, CommandTimeoutMs = 20_000, ConnectTimeoutMs = 20_000 };

        await using var client = new RedisClient(options);
        var value = new byte[200_000];
        new Random(1).NextBytes(value);
        Assert.True((await client.Set("k", value, cancel: Cancel)).Value);
        Assert.Equal(value, (await client.Get("k", Cancel)).Value);

        await using var untrusting = new RedisClient(options with { TlsCaFile = null });
        Assert.Equal(RedisFailureKind.NotConnected, (await untrusting.Ping(Cancel)).Failure!.Kind);
        await using var misnamed = new RedisClient(options with { Host = "localhost" });
        Assert.Equal(RedisFailureKind.NotConnected, (await misnamed.Ping(Cancel)).Failure!.Kind);
    }
}
