using Edge.Data.Generator.Tests.Sql;
using Edge.Testing;

namespace Edge.IntegrationTests.Data;

public sealed class ColumnNameTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ColumnNameCases.All), MemberType = typeof(ColumnNameCases))]
    public async Task The_names_that_the_generator_expects_are_those_that_Postgres_gives(string sql, string expected)
    {
        var server = await SharedServers.Postgres(Cancel);
        await using var database = new Edge.Data.Database(server.Options("edge"));
        await using var command = database.Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, Cancel);

        var names = expected.Split(',');
        Assert.Equal(names.Length, reader.FieldCount);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] != "?")
                Assert.Equal(names[i], reader.GetName(i));
        }
    }
}
