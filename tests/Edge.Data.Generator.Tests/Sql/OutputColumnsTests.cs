using Edge.Data.Generator.Sql;

namespace Edge.Data.Generator.Tests.Sql;

/// <summary><see cref="ColumnNameCases"/> are held against Postgres itself by ColumnNameTests of the integration tests.</summary>
public sealed class OutputColumnsTests
{
    [Theory]
    [MemberData(nameof(ColumnNameCases.All), MemberType = typeof(ColumnNameCases))]
    public void Columns_are_named_as_Postgres_names_them(string sql, string expected) => Assert.Equal(expected, Names(sql));

    [Theory]
    [InlineData("select *", "*")]
    [InlineData("select t.*, 1 as one from t", "*,one")]
    [InlineData("table t", "*")]
    [InlineData("insert into t default values returning *", "*")]
    [InlineData("select count(*) from t", "count")]
    public void Stars_are_found_and_calls_with_a_star_are_none(string sql, string expected) => Assert.Equal(expected, Names(sql));

    [Theory]
    [InlineData("insert into t values (1)")]
    [InlineData("update t set a = 1")]
    [InlineData("delete from t")]
    [InlineData("with x as (select 1 as a) update t set a = x.a from x")]
    [InlineData("create table t (a int)")]
    public void Commands_answer_nothing(string sql) => Assert.Null(OutputColumns.Of(Tokens(sql)));

    [Theory]
    [InlineData("insert into t (a) select b from u returning id, a + 1 as next", "id,next")]
    [InlineData("update t set a = (select b from u) where c returning t.id", "id")]
    [InlineData("delete from t using u returning t.id as gone", "gone")]
    [InlineData("with x as (delete from t returning id) select count(*) n from x", "n")]
    [InlineData("with recursive x (a) as not materialized (values (1) union select a from x) select a from x", "a")]
    [InlineData("insert into t (a) values (1) on conflict (a) do update set a = excluded.a returning id", "id")]
    public void The_list_of_the_main_statement_counts(string sql, string expected) => Assert.Equal(expected, Names(sql));

    static List<SqlToken> Tokens(string sql) => Assert.Single(SqlStatement.Split(SqlTokenizer.Cut(sql).Tokens)).Tokens;

    static string Names(string sql) =>
        string.Join(',', OutputColumns.Of(Tokens(sql))!.Select(column => column.IsStar ? "*" : column.Name ?? "?"));
}
