using System.Runtime.Versioning;
using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Cli;

/// <summary>A Postgres that is reached by a Unix socket, as on a machine of its own or behind a cloud's proxy.</summary>
[SupportedOSPlatform("linux")]
public sealed class SocketTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>As with psql, sslmode counts for TCP only.</summary>
    [Fact]
    public async Task A_database_is_reached_by_a_socket_in_a_folder_whatever_sslmode_says()
    {
        await using var server = await PostgresServer.Start(Cancel);
        // Short: a socket's path has at most 107 bytes. Open to all: the server runs as another user.
        var folder = Directory.CreateTempSubdirectory("edge-s-");
        try
        {
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_111_111);
            await ListenIn(folder.FullName, server);
            var password = server.Options("edge").Password;
            foreach (var mode in (string[])["", "&sslmode=disable", "&sslmode=require", "&sslmode=verify-full"])
            {
                var ended = await EdgeRun.Of(["migrate"], new() { ["DATABASE_URL"] = $"postgres://edge:{password}@/edge?host={folder.FullName}&port={server.Port}{mode}" });
                Assert.True(ended.ExitCode == 0, mode + ended.Errors);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task ListenIn(string folder, PostgresServer server)
    {
        await using (var connection = new NpgsqlConnection(server.ConnectionString("edge") + ";Pooling=false"))
        {
            await connection.OpenAsync(Cancel);
            await using var command = new NpgsqlCommand($"ALTER SYSTEM SET unix_socket_directories = '{folder}'", connection);
            await command.ExecuteNonQueryAsync(Cancel);
        }
        await server.Restart(Cancel);
    }
}
