using Edge.Data;

namespace Edge.IntegrationTests.Queries;

public sealed class PreparedQueryTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    static async Task<List<string>> Mistakes(QueryDefinition query) =>
        await QueryChecker.Mistakes(await LargeDatabase.Source(Cancelled), query, Cancelled);

    [Theory]
    [MemberData(nameof(Catalogue.Names), MemberType = typeof(Catalogue))]
    public async Task Postgres_understands_it_as_the_generator_does(string name) => Assert.Empty(await Mistakes(Catalogue.Query(name)));

    /// <summary>Each differs from what Postgres says in one way.</summary>
    public static TheoryData<string, string, string, string> Wrong => new()
    {
        { "select id from users where id = $1", "id:text", "id:bigint", "operator does not exist" },
        { "select id from users where id = $1", "id:numeric", "id:bigint", "parameter id is bigint" },
        { "select id from users where created_at > $1", "t:timestamp without time zone", "id:bigint", "parameter t is timestamp with time zone" },
        { "select left(bio, $1) as bio from users", "n:bigint", "bio:text", "parameter n is integer" },
        { "select id from users where id = $1 and role = $2", "id:bigint", "id:bigint", "has 2 parameters" },
        { "select id from nowhere", "", "id:bigint", "does not exist" },
        { "select nick from users", "", "nick:text", "does not exist" },
        { "select id from users", "", "id:integer", "column id is bigint" },
        { "select email, username from users", "", "username:text email:text", "column username is called email" },
        { "select id, email from users", "", "id:bigint", "answers 2 columns" },
        { "select id from users", "", "id:bigint email:text", "answers 1 columns" },
        { "delete from users where id = $1", "id:bigint", "id:bigint", "answers 0 columns" },
        { "select password_hash from users", "", "password_hash:text", "may be null" },
        { "select b.published_at from users u join blogs b on b.author_id = u.id", "", "published_at:timestamp with time zone", "may be null" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Each_way_of_being_wrong_is_seen(string sql, string parameters, string columns, string mistake)
    {
        var mistakes = await Mistakes(Catalogue.Made(sql, [.. Parameters(parameters)], [.. Columns(columns)]));
        Assert.Contains(mistakes, text => text.Contains(mistake, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("select id from users where id > $1 limit $2", "id:bigint rows:integer", "id:bigint")]
    [InlineData("select id from users where $1 is null or email = $1", "email:text", "id:bigint")]
    [InlineData("select password_hash from users", "", "password_hash:text?")]
    [InlineData("select id from users", "", "id:bigint?")]
    [InlineData("select coalesce(password_hash, '') as hash, tags from users, blogs", "", "hash:text tags:text[]")]
    [InlineData("delete from users where id = $1", "id:integer", "")]
    public async Task What_is_right_or_harmless_passes(string sql, string parameters, string columns) =>
        Assert.Empty(await Mistakes(Catalogue.Made(sql, [.. Parameters(parameters)], [.. Columns(columns)])));

    static IEnumerable<QueryParameter> Parameters(string text) => Pairs(text).Select(static pair => new QueryParameter(
        pair.Name, pair.Type, IsNullable: false));

    static IEnumerable<QueryColumn> Columns(string text) => Pairs(text).Select(static pair => new QueryColumn(
        pair.Name, pair.Type.TrimEnd('?'), pair.Type.EndsWith('?')));

    /// <summary>From <c>name:type name:type</c>. A type may hold spaces; a name may not.</summary>
    static IEnumerable<(string Name, string Type)> Pairs(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length;)
        {
            var end = Array.FindIndex(words, i + 1, static word => word.Contains(':')) is >= 0 and var next ? next : words.Length;
            var pair = string.Join(' ', words[i..end]).Split(':');
            yield return (pair[0], pair[1]);
            i = end;
        }
    }
}
