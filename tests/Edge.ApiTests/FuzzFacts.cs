using System.Globalization;
using System.Text;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class FuzzInProcess(TestBed bed) : FuzzFacts(bed.InProcess);

public sealed class FuzzNative(TestBed bed) : FuzzFacts(bed.Native);

/// <summary>Random requests from a fixed seed: nothing that a client can write is our failure.</summary>
public abstract class FuzzFacts : Facts
{
    const int Seed = 20260501;
    const int Targets = 3000;
    const int Bytes = 400;

    static readonly string[] Samples =
    [
        "1", "0", "-1", "20", "50", "9999999999999999999", "lamp", "lighting", "ada_abbott", "published", "draft", "wool", "%27", "%22lamp%22", "-lamp", "or", "%00", "%FF", "%", "%E2%80%AE",
        "AQAI30WiO6LUUAAAAAAAAASvjGHQavUg7bQj0djx", "''", "null", "..", "%2e%2e", "%2F", "\\", "a+b", "%25", "%F0%9F%AA%91",
    ];

    private protected FuzzFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task No_target_is_a_failure()
    {
        var random = new Random(Seed);
        var routes = (await Edge.Description).Routes;
        var targets = Enumerable.Range(0, Targets).Select(_ => Target(random, routes)).ToList();
        await All(targets, async target =>
        {
            // Not Edge.Get: what the server itself refuses, such as a NUL in a path, has none of our headers.
            using var answer = await Edge.Http.GetAsync(Edge.Address(target), Cancelled);
            Assert.InRange((int)answer.StatusCode, 200, 499);
        });
        await Edge.Json("/api/products/1");
    }

    [Fact]
    public async Task No_bytes_are_a_failure()
    {
        var random = new Random(Seed);
        var requests = Enumerable.Range(0, Bytes).Select(_ => Broken(random));
        await All(requests.ToList(), async request =>
        {
            using var connection = await Edge.Connect(Cancelled);
            await connection.Send(request, Cancelled);
            // The change may have made the request longer than what was sent: the end says that no more comes.
            connection.EndSending();
            var answer = await connection.ReadToEnd(Cancelled);
            Assert.DoesNotContain("HTTP/1.1 50", answer.Replace("HTTP/1.1 505", "", StringComparison.Ordinal));
        });
        await Edge.Json("/api/products/1");
    }

    static string Target(Random random, IReadOnlyList<ApiRoute> routes)
    {
        var route = routes[random.Next(routes.Count)];
        var path = route.Path.Split('/').Skip(1).Select(segment => segment.StartsWith('{') || random.Next(20) == 0 ? Value(random).Replace("?", "", StringComparison.Ordinal) : segment);
        var names = route.Parameters.Where(static parameter => !parameter.IsInPath).Select(static parameter => parameter.Name).Append("other").ToArray();
        var query = string.Join('&', Enumerable.Range(0, random.Next(5)).Select(_ => $"{names[random.Next(names.Length)]}={Value(random)}"));
        return "/" + string.Join('/', path) + (query.Length == 0 ? "" : "?" + query);
    }

    static string Value(Random random) => random.Next(4) switch
    {
        0 or 1 => Samples[random.Next(Samples.Length)],
        2 => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => string.Create(CultureInfo.InvariantCulture, $"%{random.Next(256):X2}"))),
        _ => Printable(random),
    };

    /// <summary>Anything visible, except what would end the target for an HTTP library.</summary>
    static string Printable(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(16)).Select(_ => (char)random.Next('!', '\x7f')).Where(static c => c is not ('#' or '?')));

    static string Broken(Random random)
    {
        var text = new StringBuilder("GET /api/products/search?q=lamp&limit=3 HTTP/1.1\r\nHost: edge\r\nIf-None-Match: \"a\", W/\"b\"\r\nConnection: close\r\n\r\n");
        for (var changes = random.Next(1, 6); changes > 0; changes--)
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
