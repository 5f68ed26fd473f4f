using Edge.Data;

namespace Edge.IntegrationTests.Migrations;

public class MigrationStatementsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData(" ;; -- nothing\n/* here */ ;", new string[0])]
    [InlineData("select 1", new[] { "select 1" })]
    [InlineData("a; b;\n c", new[] { "a", "b", "c" })]
    [InlineData("select ';', 'it''s;'; b", new[] { "select ';', 'it''s;'", "b" })]
    [InlineData("select e'\\';'; b", new[] { "select e'\\';'", "b" })]
    [InlineData("select \"a;b\"; c", new[] { "select \"a;b\"", "c" })]
    [InlineData("do $$ begin; end; $$; b", new[] { "do $$ begin; end; $$", "b" })]
    [InlineData("do $x$ a; $$ b; $x$; c", new[] { "do $x$ a; $$ b; $x$", "c" })]
    [InlineData("select $1; b", new[] { "select $1", "b" })]
    [InlineData("select a$b; c$d", new[] { "select a$b", "c$d" })]
    [InlineData("-- a; b\nc -- d; e\n; f", new[] { "c -- d; e\n", "f" })]
    [InlineData("/* a; /* b; */ c; */ d; e", new[] { "d", "e" })]
    [InlineData("'open; never closed", new[] { "'open; never closed" })]
    public void A_file_is_cut_at_semicolons_that_end_statements(string text, string[] expected) =>
        Assert.Equal(expected, MigrationStatements.Split(text).ConvertAll(range => text[range]));

    [Theory]
    [InlineData("schema.sql")]
    [InlineData("01_schema.sql")]
    [InlineData("0001_schema.txt")]
    [InlineData("000x_schema.sql")]
    public void A_file_with_another_kind_of_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new MigrationFile(name, ""));

    [Fact]
    public void Versions_without_a_hole_are_required_of_the_binary() =>
        Assert.Throws<ArgumentException>(() => MigrationFile.InOrder([new("0001_a.sql", ""), new("0003_c.sql", "")]));
}
