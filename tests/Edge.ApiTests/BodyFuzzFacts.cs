using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class BodyFuzzInProcess(TestBed bed) : BodyFuzzFacts(bed.InProcess);

public sealed class BodyFuzzNative(TestBed bed) : BodyFuzzFacts(bed.Native);

/// <summary>Random JSON from a fixed seed at every operation that takes a body: it is taken, or it is the client's mistake and told as a problem.</summary>
public abstract class BodyFuzzFacts : Facts
{
    const int Seed = 20261121;
    const int Bodies = 200;

    /// <summary>Values of every type and none, as they are written.</summary>
    static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "1.5", "0.001", "2147483648", "-9223372036854775809", "99999999999999999999999", "1e400", "-1e400", "1e-400", "1E+2", "0.1e1",
        "12345678901234567890123456789012345678901234567890.5", "\"\"", "\" \"", "\"x\"", "\"1\"", "\"true\"", "\"null\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"a\\ud83e\"", "\"\\ud83e\\ude91\"", "\"\\u202e\"", "\"\\r\\n\"", "\"\\u007f\\u0085\"", "\"' or 1=1 --\"", "\"%27\"", "\"<script>\"", "\"2026-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"",
        "\"0001-01-01T00:00:00Z\"", "\"2026-01-01T00:00:00+23:59\"", "\"2026-13-40\"", "\"a@b.c\"", "\"ada_lovelace\"", "\"\u0100@example.com\"", "\"\u0130@example.com\"", "\"\\ufffd\"", "\" \\t\\n \"",
        "[]", "[[]]", "[null]", "[1,\"a\",{}]", "{}", "{\"a\":1}", "{\"__proto__\":{}}", "{\"$type\":\"System.Object\"}",
    ];

    /// <summary>What is no JSON, or none that any operation takes.</summary>
    static readonly string[] Whole =
    [
        "", " ", "{", "}", "[", "]", "{}", "[]", "null", "0", "\"\"", "{\"", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}", "{}{}", "{} x", "\uFEFF{}", "NaN", "Infinity", "undefined",
        "// comment\n{}", "/**/{}", "{\"\":\"\"}", "{\"a\":1,\"a\":2}", "\u0000", "\u00FF\u00FE{\u0000", "\u00C3\u0028", "{\"a\":\"\u00FF\"}", "{\"\\ud800\":1}",
    ];

    private protected BodyFuzzFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task Random_json_is_taken_or_refused_as_the_clients_mistake()
    {
        await using var database = await Database.Copy(Cancelled);
        await using var edge = await Way.StartCached(database.Url, Cancelled);
        var random = new Random(Seed);
        foreach (var route in (await edge.Description).Operations.Where(static route => route.HasBody))
            foreach (var role in Roles(route))
            {
                var (person, _) = await database.NewUser(role);
                var call = await OperationSamples.Of(route, database, person);
                Assert.True(call.Body is not null, $"{route} has no BodyExample to begin with");
                await All(Enumerable.Range(0, Bodies).Select(_ => Body(random, call.Body)).Distinct().ToList(), async body =>
                {
                    // A new session each time: what the operation does may end those there are.
                    var session = route.IsAdmin ? Admin : await database.SignIn(person);
                    using var request = new HttpRequestMessage(new(route.Method), edge.Address(call.Target)) { Content = new ByteArrayContent(Bytes(body)) };
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
                    foreach (var (name, value) in call.Headers.Append(session))
                        request.Headers.TryAddWithoutValidation(name, value);
                    using var answer = await edge.Http.SendAsync(request, Cancelled);
                    var status = (int)answer.StatusCode;
                    Assert.True(status is (>= 200 and < 300) or (>= 400 and < 500), $"{route} as {role}: {status} {await answer.Content.ReadAsStringAsync(Cancelled)}");
                    if (status >= 400)
                        await answer.Problem(status);
                });
            }
        await edge.Json("/health");
    }

    /// <summary>Only where there is a session does it matter whose it is.</summary>
    static string[] Roles(ApiRoute route) => route.Access is ApiAccess.Session or ApiAccess.OptionalSession ? ["user", "admin"] : ["user"];

    /// <summary>Latin-1 where that is all there is, so that bytes that are no UTF-8 can be written; else UTF-8.</summary>
    static byte[] Bytes(string body) => body.All(static letter => letter <= '\u00FF') ? Encoding.Latin1.GetBytes(body) : Encoding.UTF8.GetBytes(body);

    static string Body(Random random, string example) => random.Next(10) switch
    {
        0 => Whole[random.Next(Whole.Length)],
        1 => Deep(random),
        2 => Broken(random, example),
        3 => Value(random, 0),
        _ => Mutated(random, example),
    };

    /// <summary>The example with some of its members replaced, dropped, doubled or joined by others.</summary>
    static string Mutated(Random random, string example)
    {
        var body = JsonNode.Parse(example)!;
        var text = body.ToJsonString();
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var places = Places(body).ToList();
            if (places.Count == 0)
                break;
            var (parent, name) = places[random.Next(places.Count)];
            // A marker that the raw text takes the place of: not all of it could be a node.
            var marker = string.Create(CultureInfo.InvariantCulture, $"@{random.Next()}@");
            switch (random.Next(4))
            {
                case 0: parent.Remove(name); text = body.ToJsonString(); continue;
                case 1: parent["m" + random.Next(3)] = marker; break;
                default: parent[name] = marker; break;
            }
            text = body.ToJsonString().Replace($"\"{marker}\"", Value(random, 0), StringComparison.Ordinal);
            if (random.Next(2) == 0)
                return text;
        }
        return text;
    }

    static IEnumerable<(JsonObject Parent, string Name)> Places(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(member => Places(member.Value).Prepend((item, member.Key))),
        JsonArray list => list.SelectMany(Places),
        _ => [],
    };

    static string Value(Random random, int depth) => random.Next(12) switch
    {
        0 => $"\"{new string('x', random.Next(20_000))}\"",
        1 => $"\"{string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => string.Create(CultureInfo.InvariantCulture, $"\\u{random.Next(0x10000):x4}")))}\"",
        2 => string.Create(CultureInfo.InvariantCulture, $"{(random.NextInt64() >> random.Next(64)) * (random.Next(2) == 0 ? 1 : -1)}"),
        3 when depth < 4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => Value(random, depth + 1)))}]",
        4 when depth < 4 => $"{{{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(i => $"\"k{i}\":{Value(random, depth + 1)}"))}}}",
        _ => Values[random.Next(Values.Length)],
    };

    static string Deep(Random random)
    {
        var depth = random.Next(1, 3000);
        var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        return string.Concat(Enumerable.Repeat(open, depth)) + "1" + (random.Next(2) == 0 ? string.Concat(Enumerable.Repeat(close, depth)) : "");
    }

    static string Broken(Random random, string example)
    {
        var text = new StringBuilder(example);
        for (var changes = random.Next(1, 5); changes > 0 && text.Length > 0; changes--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(3))
            {
                case 0: text[at] = (char)random.Next(256); break;
                case 1: text.Insert(at, (char)random.Next(256)); break;
                default: text.Remove(at, 1); break;
            }
        }
        return text.ToString();
    }
}
