using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Queries;

/// <summary>
/// What requests pass for a parameter, by its name: the first page and one further down, words that are found and words that are not.
/// A plan depends on the values, so they are taken from the seeded data. Where a name means something else in one query, that query's is
/// under "Query.parameter". A key that is there twice is refused, since <c>Add</c> makes the dictionary: an indexer would keep the later one.
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
            { "id", ["700", "999999999"] },
            { "now", [await One("select now()::text")] },
            { "hash", [@"\x" + new string('0', 64)] },
            { "bought", ["{60,50,40,30,20,10}", "{}"] },
            { "until", [await One("select (now() + interval '30 days')::text")] },
            { "expiresAt", [await One("select (now() + interval '3 days')::text")] },
            { "email", [await One("select email from users order by id limit 1"), "nobody@example.com"] },
            { "username", ["nobody_yet"] },
            { "role", ["user", "admin"] },
            { "passwordHash", [new string('A', 84)] },
            { "rehashed", [new string('A', 84)] },
            { "checkedHash", [new string('B', 84)] },
            { "ids", [await One("select array_agg(id)::text from (select id from users order by id limit 200) u"), "{700,999999999}"] },
            { "withEmail", ["false", "true"] },
            { "displayName", ["Ines"] },
            { "bio", ["Grows tomatoes."] },
            { "rows", ["21"] },
            { "excerptChars", ["281"] },
            { "afterTime", ["9999-12-31 23:59:59Z", await One("select (now() - interval '60 days')::text")] },
            { "afterId", ["9223372036854775807", "6000"] },
            { "afterRank", ["Infinity", "0.1"] },
            { "since", [await One("select (now() - interval '2 days')::text"), "-infinity"] },
            { "text", ["kettle", "-zzz", "enameld ketle"] },
            { "category", [await One("select c.slug from categories c join products p on p.category_id = c.id group by c.id order by count(*) desc limit 1"), "no-such"] },
            { "address", ["12 Rue des Tanneurs"] },
            { "answer", [@"\x7b7d"] },
            { "bodyHash", [@"\x" + new string('0', 64)] },
            { "categoryId", ["2"] },
            { "createdAt", ["2026-05-04 09:12:44Z"] },
            { "description", ["Sings."] },
            { "key", ["a key"] },
            { "location", ["/api/orders/1"] },
            { "lockId", ["42"] },
            { "name", ["Kettle"] },
            { "orderId", ["99999"] },
            { "outdated", ["10"] },
            { "productIds", ["{7,700,9000}"] },
            { "quantities", ["{1,2,3}"] },
            { "prices", ["{1.00,2.00,3.00}"] },
            { "session", [@"\x" + new string('0', 64)] },
            { "Order.Newest.status", ["pending", "delivered"] },
            { "total", ["14.00"] },
            { "userId", ["700", "999999999"] },
            { "plan", ["default"] },
            { "prefix", ["edge_Xb3kP0q"] },
            { "price", ["39.90"] },
            { "stock", ["7"] },
            { "tag", [await One("select t from blogs, unnest(tags) t group by t order by count(*) desc limit 1"), "no such"] },
            { "author", [await One("select u.username from blogs b join users u on u.id = b.author_id group by u.id order by count(*) desc limit 1"), "nobody"] },
            { "callerId", ["700", "999999999"] },
            { "isAdmin", ["false", "true"] },
            { "kind", ["gig", "job"] },
            { "latitude", ["51.5"] },
            { "longitude", ["-0.12"] },
            { "accuracy", ["12"] },
            { "closesAt", [await One("select (now() + interval '60 days')::text")] },
            { "wests", ["{-1,0}", "{}"] },
            { "souths", ["{51,51}", "{}"] },
            { "easts", ["{0,1}", "{}"] },
            { "norths", ["{52,52}", "{}"] },
            { "authorId", ["700", "999999999"] },
            { "title", ["A kettle for life"] },
            { "content", ["Enamel chips."] },
            { "status", ["published", "draft"] },
            { "tags", ["{kitchen,repair}"] },
            { "slug", [await One("select slug from blogs where status = 'published' order by id limit 1"), "no-such"] },
        });
    }

    /// <summary>Several calls of a statement, each as the SQL of its arguments.</summary>
    public IEnumerable<string> Calls(QueryDefinition query, QueryStatement statement)
    {
        var rounds = statement.Parameters.Select(parameter => Values(query, parameter).Length).DefaultIfEmpty(1).Max();
        for (var round = 0; round < rounds; round++)
        {
            yield return Call(query, statement, (values, _) => values[Math.Min(round, values.Length - 1)]);
            if (statement.Parameters.Any(static parameter => parameter.IsNullable))
                yield return Call(query, statement, (values, parameter) => parameter.IsNullable ? null : values[Math.Min(round, values.Length - 1)]);
        }
    }

    string[] Values(QueryDefinition query, QueryParameter parameter) =>
        _values.GetValueOrDefault($"{query.Name}.{parameter.Name}") ?? _values.GetValueOrDefault(parameter.Name)
        ?? throw new InvalidOperationException($"What does a request pass for @{parameter.Name}? Say so in TypicalArguments.");

    string Call(QueryDefinition query, QueryStatement statement, Func<string[], QueryParameter, string?> choose) =>
        string.Join(", ", statement.Parameters.Select(parameter =>
            choose(Values(query, parameter), parameter) is { } value ? $"'{value.Replace("'", "''", StringComparison.Ordinal)}'" : "null"));
}
