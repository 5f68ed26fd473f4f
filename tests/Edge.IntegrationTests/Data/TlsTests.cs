using System.Security.Authentication;
using Edge.Data;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Data;

/// <summary>A server with TLS, whose certificate only those trust who are told of it.</summary>
public sealed class TlsTests : IAsyncDisposable
{
    readonly DirectoryInfo _trusted = Directory.CreateTempSubdirectory("edge-tls-");
    readonly DirectoryInfo _other = Directory.CreateTempSubdirectory("edge-tls-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_is_checked_where_one_to_check_it_by_is_named()
    {
        await using var server = await PostgresServer.Start(Cancel);
        TestCertificate.Write(_trusted.FullName);
        TestCertificate.Write(_other.FullName);
        await TurnOnTls(server);

        Assert.Null(await Probe(server, "require"));
        Assert.Null(await Probe(server, "verify-full&sslrootcert=" + Certificate(_trusted)));
        // As libpq does it: whoever names an authority wants it asked.
        Assert.Null(await Probe(server, "require&sslrootcert=" + Certificate(_trusted)));
        foreach (var mode in (string[])["require", "verify-ca", "verify-full"])
        {
            var failure = await Probe(server, $"{mode}&sslrootcert={Certificate(_other)}");
            Assert.IsType<AuthenticationException>(failure?.GetBaseException());
            Assert.Equal(DatabaseFailure.Unavailable, DatabaseFailures.Classify(failure));
        }
    }

    public ValueTask DisposeAsync()
    {
        _trusted.Delete(recursive: true);
        _other.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    static string Certificate(DirectoryInfo folder) => Path.Combine(folder.FullName, "cert.pem");

    static async Task<Exception?> Probe(PostgresServer server, string mode)
    {
        Assert.True(DatabaseUrl.TryParse(server.Url("edge").Replace("sslmode=disable", "sslmode=" + mode, StringComparison.Ordinal), out var options, out var problem), problem);
        await using var database = new Database(options);
        return await database.Probe();
    }

    /// <summary>The server writes the files itself: it takes a key only from its own user.</summary>
    async Task TurnOnTls(PostgresServer server)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("edge"));
        foreach (var (file, name) in new[] { ("cert.pem", "server.crt"), ("key.pem", "server.key") })
        {
            var text = await File.ReadAllTextAsync(Path.Combine(_trusted.FullName, file), Cancel);
            await Run($"copy (select unnest(string_to_array('{text.Trim()}', chr(10)))) to program 'umask 077; cat > {name}'");
        }
        await Run("alter system set ssl = on");
        await Run("select pg_reload_conf()");
        await Poll.Until(
            async cancel => await Probe(server, "require") is null, "the server offers TLS", Cancel);

        async Task Run(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }
}
