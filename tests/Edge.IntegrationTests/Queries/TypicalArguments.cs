using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Queries;

/// <summary>
/// What requests pass for a parameter, by its name: the first page and one further down, words that are found and words that are not.
/// A plan depends on the values, so they are taken from the seeded data.
/// </summary>
sealed class TypicalArguments
{
    readonly Dictionary<string, string[]> _values;

    TypicalArguments(Dictionary<string, string[]> values) => _values = values;

    public static async Task<TypicalArguments> From(NpgsqlDataSource source, CancellationToken cancelled)
    {
        async Task<string> One(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return (string)(await command.ExecuteScalarAsync(cancelled))!;
        }
        return new(new()
        {
            ["id"] = ["700", "999999999"],
            ["now"] = [await One("select now()::text")],
            ["hash"] = [@"\x" + new string('0', 64)],
            ["until"] = [await One("select (now() + interval '30 days')::text")],
            ["expiresAt"] = [await One("select (now() + interval '3 days')::text")],
            ["email"] = [await One("select email from users order by id limit 1"), "nobody@example.com"],
            ["username"] = ["nobody_yet"],
            ["role"] = ["user", "admin"],
            ["passwordHash"] = [new string('A', 84)],
            ["rehashed"] = [new string('A', 84)],
            ["checkedHash"] = [new string('B', 84)],
            ["ids"] = [await One("select array_agg(id)::text from (select id from users order by id limit 200) u"), "{700,999999999}"],
            ["withEmail"] = ["false", "true"],
            ["displayName"] = ["Ines"],
            ["bio"] = ["Grows tomatoes."],
            ["rows"] = ["21"],
            ["excerptChars"] = ["281"],
            ["afterTime"] = ["9999-12-31 23:59:59Z", await One("select (now() - interval '60 days')::text")],
            ["afterId"] = ["9223372036854775807", "6000"],
            ["afterRank"] = ["Infinity", "0.1"],
            ["text"] = ["kettle", "enameld ketle"],
            ["category"] = [await One("select c.slug from categories c join products p on p.category_id = c.id group by c.id order by count(*) desc limit 1"), "no-such"],
            ["tag"] = [await One("select t from blogs, unnest(tags) t group by t order by count(*) desc limit 1"), "no such"],
            ["author"] =
            [
                await One("select u.username from blogs b join users u on u.id = b.author_id group by u.id order by count(*) desc limit 1"),
                "nobody"
            ],
            ["slug"] = [await One("select slug from blogs where status = 'published' order by id limit 1"), "no-such"],
        });
    }

    /// <summary>Several calls of a statement, each as the SQL of its arguments.</summary>
    public IEnumerable<string> Calls(QueryStatement statement)
    {
        yield return Call(statement, static (values, _) => values[0]);
        yield return Call(statement, static (values, _) => values[^1]);
        if (statement.Parameters.Any(static parameter => parameter.IsNullable))
            yield return Call(statement, static (values, parameter) => parameter.IsNullable ? null : values[0]);
    }

    string Call(QueryStatement statement, Func<string[], QueryParameter, string?> choose) =>
        string.Join(", ", statement.Parameters.Select(parameter =>
    {
        if (!_values.TryGetValue(parameter.Name, out var values))
            throw new InvalidOperationException($"What does a request pass for @{parameter.Name}? Say so in TypicalArguments.");
        return choose(values, parameter) is { } value ? $"'{value.Replace("'", "''", StringComparison.Ordinal)}'" : "null";
    }));
}
