using Edge.Testing;
using Npgsql;

namespace Edge.IntegrationTests.Servers;

public sealed class PostgresServerTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_a_copy_of_its_template()
    {
        var server = await SharedServers.Postgres(Cancel);
        await server.CreateDatabase("copy source", null, Cancel);
        await Execute(server, "copy source", "CREATE TABLE word (text text); INSERT INTO word VALUES ('kept')");

        var options = await server.CreateDatabase("copy target", "copy source", Cancel);

        Assert.Equal("copy target", options.Name);
        Assert.Equal("kept", await Scalar(server, "copy target", "SELECT text FROM word"));
    }

    [Fact]
    public async Task A_killed_server_refuses_and_a_restarted_one_has_port_and_data_again()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await Execute(server, "edge", "CREATE TABLE word (text text); INSERT INTO word VALUES ('kept')");
        var port = server.Port;

        await server.Kill(Cancel);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Scalar(server, "edge", "SELECT 1"));

        await server.Restart(Cancel);
        Assert.Equal(port, server.Port);
        Assert.Equal("kept", await Scalar(server, "edge", "SELECT text FROM word"));
    }

    [Fact]
    public async Task A_kill_ends_a_statement_in_flight()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var connection = new NpgsqlConnection(server.ConnectionString("edge"));
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand("SELECT pg_sleep(3600)", connection);
        var statement = command.ExecuteNonQueryAsync(Cancel);

        await server.Kill(Cancel);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => statement);
    }

    [Fact]
    public async Task A_paused_server_answers_only_after_it_is_resumed()
    {
        await using var server = await PostgresServer.Start(Cancel);
        await using var connection = new NpgsqlConnection(server.ConnectionString("edge"));
        await connection.OpenAsync(Cancel);

        server.Pause();
        var late = Scalar(connection, "SELECT 'late'");
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        impatience.CancelAfter(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.WaitAsync(impatience.Token));

        server.Resume();
        Assert.Equal("late", await late);
    }

    [Fact]
    public async Task A_paused_server_can_be_restarted_and_disposed()
    {
        var server = await PostgresServer.Start(Cancel);
        server.Pause();
        await server.Restart(Cancel);
        Assert.Equal("up", await Scalar(server, "edge", "SELECT 'up'"));

        server.Pause();
        await server.DisposeAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Scalar(server, "edge", "SELECT 1"));
    }

    [Fact]
    public async Task The_url_names_server_user_and_database()
    {
        var server = await SharedServers.Postgres(Cancel);
        var url = new Uri(server.Url("edge"));
        var options = server.Options("edge");

        Assert.Equal("postgres", url.Scheme);
        Assert.Equal($"{options.User}:{options.Password}", url.UserInfo);
        Assert.Equal((options.Host, options.Port, "/edge"), (url.Host, url.Port, url.AbsolutePath));
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        var server = await SharedServers.Postgres(Cancel);
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString("edge")) { Password = "wrong" };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Cancel));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    static async Task Execute(PostgresServer server, string database, string sql) => await Scalar(server, database, sql);

    static async Task<object?> Scalar(PostgresServer server, string database, string sql)
    {
        // No pool: a killed server must be met by the next call, not by a connection left over from the last.
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString(database)) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancel);
        return await Scalar(connection, sql);
    }

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
