using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Edge.IntegrationTests.Cli;

public sealed class KeysTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static Dictionary<string, string> Nowhere { get; } = new() { ["DATABASE_URL"] = "postgres://ann@127.0.0.1:1/never-asked" };

    [Fact]
    public async Task A_new_key_is_alone_on_standard_output_and_only_its_hash_is_stored()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var made = await Keys(database, "create", "--name", "Till 3", "--plan", "batch");
        Assert.True(made.ExitCode == 0, made.Errors);
        Assert.Matches("^edge_[A-Za-z0-9_-]{49}\n$", made.Output);
        var key = made.Output.TrimEnd();
        Assert.Equal(
            $"edge keys: made key 1 ({key[..12]}…) for Till 3 with plan batch; it is not shown again; EDGE_LIMIT_PLANS has no batch here: instances where it has none either limit the key as standard\n",
            made.Errors);

        var row = await database.Scalar<string>("select row_to_json(k)::text from api_keys k", Cancelled);
        Assert.DoesNotContain(key, row);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))), row);
        Assert.Equal((key[..12], "batch", "Till 3"), (
            await database.Scalar<string>("select prefix from api_keys", Cancelled), await database.Scalar<string>("select plan from api_keys", Cancelled),
            await database.Scalar<string>("select name from api_keys", Cancelled)));
    }

    [Fact]
    public async Task The_list_shows_every_key_by_how_it_begins()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        var none = await Keys(database, "list");
        Assert.Equal((0, "", "edge keys: there is no key yet; edge keys create --name NAME makes one\n"), (none.ExitCode, none.Output, none.Errors));

        string[] keys = [await Create(database, "Till 3", "batch-of-the-night"), await Create(database, "ci"), await Create(database, "Ève 🪑")];
        var revoked = await Keys(database, "revoke", "2");
        Assert.True(revoked.ExitCode == 0, revoked.Errors);
        await Execute(database, "update api_keys set created_at = '2026-05-04 09:12:44Z', revoked_at = case when id = 2 then timestamptz '2026-06-05 23:59:59Z' end");
        var list = await Keys(database, "list");
        Assert.Equal((0, ""), (list.ExitCode, list.Errors));
        Assert.Equal(
            $"""
            ID  PREFIX        PLAN                CREATED (UTC)     REVOKED (UTC)     NAME
             1  {keys[0][..12]}  batch-of-the-night  2026-05-04 09:12  -                 Till 3
             2  {keys[1][..12]}  standard            2026-05-04 09:12  2026-06-05 23:59  ci
             3  {keys[2][..12]}  standard            2026-05-04 09:12  -                 Ève 🪑

            """,
            list.Output);
    }

    [Fact]
    public async Task A_key_is_revoked_by_its_ID_its_prefix_or_itself_and_for_good()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        string[] keys = [await Create(database, "one"), await Create(database, "two"), await Create(database, "three"), await Create(database, "four")];
        foreach (var (which, told) in ((string, string)[])
            [
                ("1", $"revoked key 1 ({keys[0][..12]}…) of one"),
                (keys[1][..12], $"revoked key 2 ({keys[1][..12]}…) of two"),
                (keys[2], $"revoked key 3 ({keys[2][..12]}…) of three"),
            ])
        {
            var ended = await Keys(database, "revoke", which);
            Assert.Equal((0, "", $"edge keys: {told}\n"), (ended.ExitCode, ended.Output, ended.Errors));
        }
        Assert.Equal(4, await database.Scalar<long>("select id from api_keys where revoked_at is null", Cancelled));

        await Execute(database, "update api_keys set revoked_at = '2026-06-05 23:59:59Z' where id = 1");
        var again = await Keys(database, "revoke", "1");
        Assert.Equal((0, $"edge keys: key 1 ({keys[0][..12]}…) of one was revoked already, 2026-06-05 23:59 UTC\n"), (again.ExitCode, again.Errors));
        Assert.Equal("2026-06-05 23:59:59", await database.Scalar<string>("select to_char(revoked_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS') from api_keys where id = 1", Cancelled));
    }

    [Fact]
    public async Task What_names_no_key_or_several_revokes_none()
    {
        var database = await SmallDatabase.WithData(Cancelled);
        await Create(database, "one");
        await Create(database, "two");
        await Execute(database, "update api_keys set prefix = 'edge_AAAAAAA'");
        foreach (var (which, told) in ((string, string)[])
            [
                ("99", "there is no key 99; edge keys list shows those that there are"),
                ("edge_BBBBBBB", "there is no key edge_BBBBBBB; edge keys list shows those that there are"),
                ("edge_AAAAAAA", "several keys begin with edge_AAAAAAA; revoke it by its ID: 1 2"),
            ])
        {
            var ended = await Keys(database, "revoke", which);
            Assert.Equal((1, "", $"edge keys: {told}\n"), (ended.ExitCode, ended.Output, ended.Errors));
        }
        Assert.Equal(0, await database.Scalar<long>("select count(*) from api_keys where revoked_at is not null", Cancelled));
    }

    [Theory]
    [InlineData("standard", null)]
    [InlineData("batch", "standard=10/s; batch=100/s")]
    public async Task A_plan_that_the_settings_name_is_taken_without_a_word(string plan, string? plans)
    {
        var settings = Settings(await SmallDatabase.WithData(Cancelled));
        if (plans is not null)
            settings["EDGE_LIMIT_PLANS"] = plans;
        var made = await EdgeRun.Of(["keys", "create", "--name", "Till 3", "--plan", plan], settings);
        Assert.EndsWith($"with plan {plan}; it is not shown again\n", made.Errors);
    }

    /// <summary>Whoever pastes a key into the wrong place should not find it in the log of their build.</summary>
    [Theory]
    [InlineData("revoke KEYx")]
    [InlineData("revoke 1 KEY")]
    [InlineData("list KEY")]
    [InlineData("KEY")]
    [InlineData("create KEY")]
    [InlineData("create --key=KEY")]
    [InlineData("create --name ci --plan KEY")]
    [InlineData("revoke KEY")]
    public async Task No_mistake_shows_a_key(string arguments)
    {
        var database = await SmallDatabase.WithData(Cancelled);
        const string key = "edge_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8ZxUqXw";
        var ended = await Keys(database, arguments.Replace("KEY", key, StringComparison.Ordinal).Split(' '));
        Assert.NotEqual(0, ended.ExitCode);
        Assert.DoesNotContain(key, ended.Output + ended.Errors);
        Assert.DoesNotContain(key[20..40], ended.Output + ended.Errors);
    }

    [Theory]
    [InlineData("create", "--name is missing: who uses the key")]
    [InlineData("create --name", "--name needs a value")]
    [InlineData("create --name ci --plan", "--plan needs a value")]
    [InlineData("create --name ci --plan a.b", "--plan must be the name of a plan: 1 to 40 characters")]
    [InlineData("create --name \t", "--name must be 1 to 80 characters of text")]
    [InlineData("create --name a\u001bb", "--name must be 1 to 80 characters of text")]
    [InlineData("create --name a\nb", "--name must be one line, without tabs")]
    [InlineData("create --label ci", "create has no --label; there are --name and --plan")]
    [InlineData("list all", "list takes no all")]
    [InlineData("revoke", "revoke needs the ID or PREFIX of a key")]
    [InlineData("revoke ci", "ci is neither an ID nor a PREFIX as edge keys list shows them: 42, or edge_ and 7 more characters")]
    [InlineData("revoke -1", "-1 is neither an ID nor a PREFIX")]
    [InlineData("revoke 1 2", "revoke takes one key, and there is 2 too")]
    [InlineData("delete 1", "there is no delete; there are create, list and revoke")]
    public async Task A_wrong_command_line_is_told_with_what_to_write(string arguments, string told)
    {
        var ended = await EdgeRun.Of(["keys", .. arguments.Split(' ')], Nowhere);
        Assert.Equal((64, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(told, ended.Errors);
        Assert.Contains("Try: edge keys --help", ended.Errors);
    }

    [Theory]
    [InlineData("create --name ci")]
    [InlineData("list")]
    [InlineData("revoke 1")]
    public async Task Without_a_database_it_says_so_and_prints_no_key(string arguments)
    {
        string[] command = ["keys", .. arguments.Split(' ')];
        var unset = await EdgeRun.Of(command);
        Assert.Equal((64, "", true), (unset.ExitCode, unset.Output, unset.Errors.Contains("set DATABASE_URL")));
        var away = await EdgeRun.Of(command, Nowhere);
        Assert.Equal((1, "", true), (away.ExitCode, away.Output, away.Errors.StartsWith("edge keys: the database does not answer: ", StringComparison.Ordinal)));
        var empty = await EdgeRun.Of(command, Settings(await SmallDatabase.Empty(Cancelled)));
        Assert.Equal((1, "", "edge keys: the database has no table for keys yet: run `edge migrate` first\n"), (empty.ExitCode, empty.Output, empty.Errors));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("keys --help")]
    [InlineData("keys create --help")]
    [InlineData("keys revoke -h")]
    public async Task Its_help_has_examples(string arguments)
    {
        var ended = await EdgeRun.Of(arguments.Split(' '));
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Contains("edge keys create --name \"Till 3\"", ended.Output);
        Assert.All(ended.Output.Split('\n'), static line => Assert.True(line.Length <= 80, line));
    }

    static Task<Ended> Keys(SmallDatabase database, params string[] arguments) => EdgeRun.Of(["keys", .. arguments], Settings(database));

    static async Task<string> Create(SmallDatabase database, string name, string? plan = null)
    {
        var made = await Keys(database, ["create", "--name", name, .. plan is null ? (string[])[] : ["--plan", plan]]);
        Assert.True(made.ExitCode == 0, made.Errors);
        return made.Output.TrimEnd('\n');
    }

    static async Task Execute(SmallDatabase database, string sql)
    {
        await using var connection = await database.Connect(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    static Dictionary<string, string> Settings(SmallDatabase database) => new() { ["DATABASE_URL"] = database.Url };
}
