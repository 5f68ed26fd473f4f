using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Edge.Testing;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class InvalidationInProcess(TestBed bed) : InvalidationFacts(bed.InProcess);

public sealed class InvalidationNative(TestBed bed) : InvalidationFacts(bed.Native);

/// <summary>Every write against the cached reads that there are: those that show what it changes are read anew at once, and no others.</summary>
public abstract class InvalidationFacts : Facts
{
    /// <summary>One of each kind of cached read. The samples of writes change what these show: row 1, or what belongs to the person.</summary>
    static readonly Dictionary<string, Func<SeededDatabase, long, Task<string>>> Reads = new()
    {
        ["blog"] = static async (database, _) => "/api/blogs/" + await database.Value<string>("select min(slug) from blogs where status = 'published'"),
        ["blogs"] = At("/api/blogs?limit=2"),
        ["opportunities"] = At("/api/opportunities?limit=2"),
        ["person"] = static (_, person) => Task.FromResult($"/api/users/{person}"),
        ["people"] = At("/api/users?limit=2"),
        ["popular"] = At("/api/products/popular"),
        ["product"] = At("/api/products/1"),
        ["products"] = At("/api/products?limit=2"),
        ["search"] = At("/api/products/search?q=lamp&limit=2"),
        ["stories"] = At("/api/stories?limit=2"),
        ["trending"] = At("/api/categories/trending"),
    };

    /// <summary>By write: which of <see cref="Reads"/> show what its sample changes. None: nothing that is cached shows it.</summary>
    static readonly Dictionary<string, string[]> ShownBy = new()
    {
        ["DELETE /api/blogs/{slug}"] = ["blogs"],
        ["DELETE /api/opportunities/{id}"] = ["opportunities"],
        ["DELETE /api/products/{id}"] = ["products", "search"],
        ["DELETE /api/stories/{id}"] = ["stories"],
        ["PATCH /api/products/{id}"] = ["product", "products", "search"],
        ["PATCH /api/users/{id}"] = ["person", "people"],
        ["POST /api/blogs"] = ["blogs"],
        ["POST /api/opportunities"] = ["opportunities"],
        ["POST /api/orders"] = ["products", "search"],
        ["POST /api/orders/{id}/cancel"] = ["products", "search"],
        ["POST /api/products"] = ["products", "search"],
        ["POST /api/stories"] = ["stories"],
        ["POST /auth/login"] = [],
        ["POST /auth/logout"] = [],
        ["POST /auth/register"] = ["people"],
        ["PUT /api/blogs/{slug}"] = ["blogs"],
        ["PUT /api/locations/current"] = [],
        ["PUT /api/opportunities/{id}"] = ["opportunities"],
    };

    private protected InvalidationFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Every_write_makes_exactly_the_reads_that_show_it_invalid()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var tokens = new Tokens();
        var mistakes = new List<string>();
        foreach (var route in (await edge.Description).Operations.Where(static route => route.Method != "GET" && !route.IsAdmin))
        {
            if (!ShownBy.TryGetValue(route.ToString(), out var shownBy))
                mistakes.Add($"{route} is not in the table: write into InvalidationFacts.ShownBy which of its Reads show what the operation changes "
                    + "(a new kind of cached read goes into Reads), and give it a call in OperationSamples where the example of its body alone does not succeed.");
            else
                mistakes.AddRange((await Changed(edge, database, tokens, route, shownBy)).Select(mistake => $"{route}: {mistake}"));
        }
        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    static async Task<List<string>> Changed(EdgeUnderTest edge, SeededDatabase database, Tokens tokens, ApiRoute route, string[] shownBy)
    {
        var mistakes = new List<string>();
        var (person, session) = await database.NewUser("admin", tokens.Next());
        var call = await OperationSamples.Of(route, database, person);
        var targets = new Dictionary<string, string>();
        foreach (var (name, target) in Reads)
            targets[name] = await target(database, person);
        // Making the person and the sample was heard of too: from here on nothing is on its way.
        await Heard(edge, database, tokens, person);
        foreach (var target in targets.Values)
        {
            (await edge.Get(target)).Dispose();
            Assert.True(await IsHit(edge, target), $"{target} is not cached");
        }

        using var answer = await edge.SendJson(new(route.Method), call.Target, call.Body, [.. call.Headers, session]);
        if (!answer.IsSuccessStatusCode)
            return [$"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}: give it a call in OperationSamples that succeeds"];
        foreach (var name in shownBy)
            if (await IsHit(edge, targets[name]))
                mistakes.Add($"'{name}' ({targets[name]}) shows it, and still came from the cache: the operation's Answer.Changes lack it, or XCache.Changes");
        // What the database tells comes later than the answer.
        await Heard(edge, database, tokens, person);
        foreach (var name in Reads.Keys.Except(shownBy))
            if (!await IsHit(edge, targets[name]))
                mistakes.Add($"'{name}' ({targets[name]}) does not show it by ShownBy, and was loaded anew");
        return mistakes;
    }

    static async Task<bool> IsHit(EdgeUnderTest edge, string target)
    {
        using var answer = await edge.Get(target);
        return answer.Header("Cache-Status")!.StartsWith("edge; hit", StringComparison.Ordinal) && !answer.Header("Cache-Status")!.Contains("stale", StringComparison.Ordinal);
    }

    /// <summary>Returns when the instance has heard of all that has been changed so far: the last of it is the end of a session, which no read shows.</summary>
    static async Task Heard(EdgeUnderTest edge, SeededDatabase database, Tokens tokens, long person)
    {
        var session = await database.SignIn(person, tokens.Next());
        await edge.Json("/auth/session", session);
        await database.Execute("delete from sessions where token_hash = sha256(@token::bytea)", ("token", Encoding.ASCII.GetBytes(session.Value["Bearer ".Length..])));
        await Poll.Until(
            async _ =>
            {
                using var answer = await edge.Get("/auth/session", session);
                return (int)answer.StatusCode == 401;
            },
            "the instance has heard of what was changed", Cancelled);
    }

    /// <summary>
    /// The same sessions in each run. A tag is one of 65,535 places that all tags share: a random session's may be that of a read which must stay a hit, and one
    /// run in forty had such a pair. Should a change of tags bring one for good, another seed is without.
    /// </summary>
    sealed class Tokens
    {
        const string Seed = "invalidation 1";

        int _made;

        public string Next() => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seed} {++_made}"))));
    }

    static Func<SeededDatabase, long, Task<string>> At(string target) => (_, _) => Task.FromResult(target);
}
