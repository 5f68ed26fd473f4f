using System.Globalization;
using Edge.Data.Generator.Sql;

namespace Edge.Data.Generator.Tests.Sql;

public sealed class SqlTokenizerTests
{
    const string Alphabet = "@$'\"-/*eEuU&:;.,()[]<>=~!#%^|?+ab1_\\ \n\t{}éd";
    const int FuzzRounds = 20_000;
    const int FuzzLength = 40;

    [Theory]
    [InlineData("a = @id", "a = $1")]
    [InlineData("a=@id", "a=$1")]
    [InlineData("a<@id", "a<$1")]
    [InlineData("@id::bigint", "$1::bigint")]
    [InlineData("@a + @b + @A", "$1 + $2 + $1")]
    [InlineData("f(@a,@b)", "f($1,$2)")]
    [InlineData("-@n", "-$1")]
    [InlineData("a->>@key", "a->>$1")]
    [InlineData("a[@from:@to]", "a[$1:$2]")]
    [InlineData("a[1:2] || @x", "a[1:2] || $1")]
    [InlineData("search @@ to_tsquery(@q)", "search @@ to_tsquery($1)")]
    [InlineData("search @@@q", "search @@$1")]
    [InlineData("@tags <@ @other", "$1 <@ $2")]
    [InlineData("tags @> @tags", "tags @> $1")]
    [InlineData("j @? '$.a' and k = @k", "j @? '$.a' and k = $1")]
    [InlineData("name like '%@x' || @x", "name like '%@x' || $1")]
    [InlineData("'it''s @x' || @y", "'it''s @x' || $1")]
    [InlineData(@"E'\'@x' || @y", @"E'\'@x' || $1")]
    [InlineData(@"'\' || @y", @"'\' || $1")]
    [InlineData("U&'@x' || @y", "U&'@x' || $1")]
    [InlineData("$$ @x $$ || @y", "$$ @x $$ || $1")]
    [InlineData("$a$ $$ @x $b$ $a$ || @y", "$a$ $$ @x $b$ $a$ || $1")]
    [InlineData("a$b$ = @y", "a$b$ = $1")]
    [InlineData("\"a@x\"\"@z\" = @y", "\"a@x\"\"@z\" = $1")]
    [InlineData("1 -- @x\n+ @y", "1 -- @x\n+ $1")]
    [InlineData("1 /* @x /* @z */ @w */ + @y", "1 /* @x /* @z */ @w */ + $1")]
    [InlineData("1e-5+@x", "1e-5+$1")]
    [InlineData("1 @ 2", "1 @ 2")]
    [InlineData("select 1 limit@n", "select 1 limit $1")]
    public void Only_parameters_are_replaced(string sql, string expected)
    {
        var statement = Assert.Single(SqlStatement.Split(SqlTokenizer.Cut(sql).Tokens));
        Assert.Equal(expected, statement.Positional(statement.ParameterNames()));
    }

    [Theory]
    [InlineData("select 'a", "a literal")]
    [InlineData("select E'a\\'", "a literal")]
    [InlineData("select \"a", "a quoted name")]
    [InlineData("select $x$ a $$", "a dollar-quoted literal")]
    [InlineData("select /* /* */ 1", "a comment")]
    [InlineData("select 'a' -- '", null)]
    public void What_stays_open_is_told(string sql, string? expected) => Assert.Equal(expected, SqlTokenizer.Cut(sql).Unterminated);

    [Theory]
    [InlineData("select 1; select ';'; -- ;\n", 2)]
    [InlineData("; ;\n/* only a comment */ ;", 0)]
    [InlineData("select $$;$$", 1)]
    public void Statements_end_at_semicolons_that_are_not_quoted(string sql, int count) =>
        Assert.Equal(count, SqlStatement.Split(SqlTokenizer.Cut(sql).Tokens).Count);

    [Theory]
    [InlineData("select 1", true)]
    [InlineData("(select 1) union (select 2)", true)]
    [InlineData("with a as (select 1) select * from a", true)]
    [InlineData("values (1)", true)]
    [InlineData("table t", true)]
    [InlineData("show timezone", true)]
    [InlineData("select 'insert' as \"update\" -- delete", true)]
    [InlineData("select for_update from t", true)]
    [InlineData("insert into t values (1)", false)]
    [InlineData("with a as (delete from t returning id) select id from a", false)]
    [InlineData("select id from t for update", false)]
    [InlineData("select id from t for no key update skip locked", false)]
    [InlineData("select id from t for share", false)]
    [InlineData("select nextval('s')", false)]
    [InlineData("select id into u from t", false)]
    [InlineData("select pg_try_advisory_xact_lock(1)", false)]
    [InlineData("select pg_notify('a', 'b')", false)]
    [InlineData("call p()", false)]
    [InlineData("explain analyze delete from t", false)]
    public void Only_what_surely_changes_nothing_is_a_read(string sql, bool isRead) =>
        Assert.Equal(isRead, Assert.Single(SqlStatement.Split(SqlTokenizer.Cut(sql).Tokens)).IsRead);

    [Fact]
    public void Any_text_is_cut_into_tokens_that_are_the_text()
    {
        // Seeded: a failure is the same in each run.
        var random = new Random(20_260_304);
        for (var round = 0; round < FuzzRounds; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(FuzzLength)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var (tokens, _) = SqlTokenizer.Cut(text);

            Assert.Equal(text, string.Concat(tokens.Select(token => token.Text)));
            Assert.All(tokens, token => Assert.NotEmpty(token.Text));
            var statements = SqlStatement.Split(tokens);
            foreach (var statement in statements)
            {
                _ = statement.IsRead;
                _ = OutputColumns.Of(statement.Tokens);
            }
            if (statements.Count == 1 && !tokens.Any(token => token.Is(";") || token.Kind == SqlTokenKind.Position))
                CheckRewriting(text, statements[0]);
        }
    }

    // Putting the names back gives the text again: nothing but the parameters was touched, and at most a space was added before one.
    static void CheckRewriting(string text, SqlStatement statement)
    {
        var names = statement.ParameterNames();
        var back = SqlTokenizer.Cut(statement.Positional(names)).Tokens.Select(
            token => token.Kind == SqlTokenKind.Position ? "@" + names[Number(token) - 1] : token.Text);
        Assert.Equal(Visible(text), Visible(string.Concat(back)), ignoreCase: true);
    }

    static int Number(SqlToken position) => int.Parse(position.Text[1..], CultureInfo.InvariantCulture);

    static string Visible(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
