using System.Globalization;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

public sealed class BadInputInProcess(TestBed bed) : BadInputFacts(bed.InProcess);

public sealed class BadInputNative(TestBed bed) : BadInputFacts(bed.Native);

/// <summary>
/// Every parameter of every route, as /openapi.json declares them, against everything that a client should not send. What is refused
/// is a 400 that names the field, and nothing else.
/// </summary>
public abstract class BadInputFacts : Facts
{
    const int QueryLimit = 4096;

    /// <summary>Not text at all: bytes that are no UTF-8, escapes that are none, control characters.</summary>
    static readonly string[] NotText =
    [
        "%FF", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%E2%82", "a%80b", "%", "a%", "%1", "%GG", "%%31", "%u0041", "a%00b", "%01x", "a%0d%0aSet-Cookie:b=c", "a%0Ab", "a%7Fb",
        "a%C2%85b", "a%1Bb",
    ];

    /// <summary>Text, and valid where any text is.</summary>
    static readonly string[] HostileText =
    [
        "%27%20OR%201=1%20--", "1%3B%20drop%20table%20products", "%22", "%5C", "%3Cscript%3E", "..%2F..%2Fetc%2Fpasswd", "%24%7Bjndi%7D", "a%E2%80%AE", "%E2%80%8Fb", "%EF%BF%BE",
        "%25%32%35%32%35", "%2525252525", "%F0%9F%AA%91", "NaN", "Infinity", "null", "true", "%7B%7D", "[]", "a'b\"c", "-1e999", "%D9%A3", "a+b", "a%2Bb", "*", "a=b",
    ];

    static readonly string[] NotIntegers =
    [
        "abc", "1.5", "1,5", "-1", "-0", "+1", "%2B1", "1e3", "0x10", "99999999999999999999999", "9223372036854775808", "-9223372036854775809", "NaN", "Infinity", "%D9%A3",
        "%EF%BC%95", "%205", "5%20", "1_000", "1;2", "1'", "true", "%C2%A05", "5%E2%80%8F",
    ];

    static readonly string[] NotNumbers =
    [
        "abc", "1,5", "+1", "%2B1", "1e1", "0x10", "NaN", "Infinity", "-Infinity", "%D9%A3", "%EF%BC%95", "%205", "5%20", "1_0", "--1", "1-", "1.2.3", "true", "%C2%A05", "-", ".",
    ];

    static readonly string[] NotPattern =
    [
        "No", "a%20b", "a.b", "a/b%2Fc", "a'b", "%C3%A9", "%EF%BD%81", "a%E2%80%8Fb", "%D1%80%D1%83", "a;b", "a,b", "a+b", "a%2520b", "A", "lighting%20", "%20lighting", "lighting'--",
    ];

    internal static readonly string[] NotTimes =
    [
        "2026-05-01", "2026-05-01T08:00:00", "2026-05-01T08:00:00%2B00:00", "2026-05-01T08:00:00-05:00", "2026-05-01t08:00:00Z", "2026-05-01T08:00:00z", "2026-05-01T08:00Z", "2026-05-01%2008:00:00Z",
        "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-05-01T24:00:00Z", "2026-05-01T08:00:60Z", "2026-05-01T08:00:00.1234567Z", "20260501T080000Z", "10000-01-01T00:00:00Z", "-2026-05-01T08:00:00Z",
        "0000-01-01T00:00:00Z", "now", "yesterday", "infinity", "1777622400",
    ];

    private protected BadInputFacts(EdgeWay way) : base(way)
    {
    }

    [Fact]
    public async Task What_a_parameter_does_not_take_is_refused_by_name()
    {
        await All(
            from route in (await Edge.Description).Routes from parameter in route.Parameters from raw in Refused(parameter) select (route, parameter, raw),
            one => Edge.Refuses(one.route.Address(one.parameter, one.raw), one.parameter.Name, one.route.Credentials));
        await IsHealthy();
    }

    [Fact]
    public async Task Text_takes_any_text()
    {
        await All(
            from route in (await Edge.Description).Routes from parameter in route.Parameters where parameter.Kind == ValueKind.Text
            from raw in HostileText.Append(new string('x', parameter.MaxLength)) select (route, parameter, raw),
            one => Edge.Json(one.route.Address(one.parameter, one.raw)));
        await IsHealthy();
    }

    [Fact]
    public async Task A_missing_parameter_is_refused_by_name() => await All(
        from route in (await Edge.Description).Routes from parameter in route.Parameters where parameter.IsRequired && !parameter.IsInPath select (route, parameter),
        async one => Assert.StartsWith("is missing", await Edge.Refuses(one.route.Address(one.parameter, null), one.parameter.Name, one.route.Credentials)));

    [Fact]
    public async Task A_repeated_parameter_is_refused_by_name() => await All(
        from route in (await Edge.Description).Routes from parameter in route.Parameters where !parameter.IsInPath && !parameter.IsCursor select (route, parameter),
        async one =>
        {
            var twice = one.route.Address(one.parameter, one.parameter.Sample, $"{one.parameter.Name}={one.parameter.Sample}");
            Assert.Equal("is given more than once", await Edge.Refuses(twice, one.parameter.Name, one.route.Credentials));
            var encoded = one.route.Address(one.parameter, one.parameter.Sample, $"%{(int)one.parameter.Name[0]:X2}{one.parameter.Name[1..]}={one.parameter.Sample}");
            Assert.Equal("is given more than once", await Edge.Refuses(encoded, one.parameter.Name, one.route.Credentials));
        });

    [Fact]
    public async Task An_unknown_parameter_is_refused_by_name() => await All(
        from route in (await Edge.Description).Routes
        from name in (string[])["page", "x", "constructor", "__proto__", "limit%00", "%FF", "a%0d%0ab", "%27%3B--", "q[]", "limit%20"]
        select (route, name),
        one => Edge.Refuses(one.route.Address(more: one.name + "=1"), one.name, one.route.Credentials));

    [Fact]
    public async Task The_case_of_a_name_counts() => await All(
        from route in (await Edge.Description).Routes from parameter in route.Parameters where !parameter.IsInPath && !parameter.IsRequired select (route, parameter),
        one =>
        {
            var shouted = one.parameter.Name.ToUpperInvariant();
            return Edge.Refuses(one.route.Address(more: $"{shouted}={one.parameter.Sample}"), shouted, one.route.Credentials);
        });

    [Fact]
    public async Task A_long_value_is_refused_and_a_longer_query_is_414()
    {
        await All(
            from route in (await Edge.Description).Routes from parameter in route.Parameters where !parameter.IsInPath select (route, parameter),
            async one =>
            {
                var address = one.route.Address(one.parameter, "");
                // The limit counts the query with its question mark.
                var room = QueryLimit - address[address.IndexOf('?', StringComparison.Ordinal)..].Length;
                await Edge.Refuses(one.route.Address(one.parameter, new string('9', room)), one.parameter.Name, one.route.Credentials);
                using var answer = await Edge.Get(one.route.Address(one.parameter, new string('9', room + 1)), one.route.Credentials);
                Assert.Equal("urn:edge:problem:query-too-long", (await answer.Problem(414)).Text("type"));
            });
        await IsHealthy();
    }

    [Fact]
    public async Task A_query_of_many_small_parts_is_refused_as_a_whole() => await All((await Edge.Description).Routes, async route =>
    {
        using var plain = await Edge.Get(route.Address(), route.Credentials);
        using var padded = await Edge.Get(route.Address(more: new string('&', 3000)), route.Credentials);
        Assert.Equal(plain.StatusCode, padded.StatusCode);
        using var many = await Edge.Get(route.Address(more: string.Join('&', Enumerable.Range(0, 600).Select(static i => "p" + i))), route.Credentials);
        await many.Problem(400);
    });

    [Fact]
    public async Task An_oversized_header_is_refused_by_name() => await All(
        from route in (await Edge.Description).Routes
        from header in (string[])["User-Agent", "Accept", "Accept-Encoding", "Authorization", "Cookie", "If-None-Match", "traceparent", "X-Forwarded-For", "X-Anything"]
        select (route, header),
        async one =>
        {
            using var answer = await Edge.Get(one.route.Address(), (one.header, new string('x', 8193)));
            Assert.Equal([one.header], (await answer.Problem(431)).GetProperty("errors").Members());
        });

    [Fact]
    public async Task Ids_up_to_64_bits_are_ids() => await All(
        from route in (await Edge.Description).Routes from parameter in route.Parameters where parameter.IsInPath && parameter.Kind == ValueKind.Integer select (route, parameter),
        async one =>
        {
            using var answer = await Edge.Get(one.route.Address(one.parameter, long.MaxValue.ToString(CultureInfo.InvariantCulture)));
            await answer.Problem(404);
        });

    static IEnumerable<string> Refused(ApiParameter parameter)
    {
        if (parameter.IsInPath)
        {
            // A slash or an empty value would be another path; what the server itself refuses is RawSocketFacts'.
            var inPath = parameter.Kind == ValueKind.Integer ? NotIntegers.Concat(["0", "01", "0000001"]) : NotPattern.Where(static raw => !raw.Contains('/', StringComparison.Ordinal));
            return inPath.Concat(["%FF", "%C0%AF", "%ED%A0%80", "%27%20OR%201=1%20--", "a%01b", "a%0d%0ab", "1%2F2", "%E2%80%AE1", new string('9', 2000)]);
        }
        var own = parameter.Kind switch
        {
            ValueKind.Integer => NotIntegers.Concat(OutOfRange(parameter)).Concat(HostileText),
            ValueKind.Number => NotNumbers.Concat(OutOfRange(parameter)).Concat(HostileText),
            ValueKind.Pattern => NotPattern.Append(new string('a', 121)),
            ValueKind.Time => [.. HostileText, .. NotTimes],
            ValueKind.Word => ["nope", parameter.Sample.ToUpperInvariant(), parameter.Sample + "%20", "%00", parameter.Sample + "," + parameter.Sample],
            ValueKind.Text => [new string('x', parameter.MaxLength + 1), "%20", "+++", string.Concat(Enumerable.Repeat("%F0%9F%AA%91", parameter.MaxLength + 1))],
            _ => HostileText,
        };
        return own.Concat(NotText).Append("");
    }

    static IEnumerable<string> OutOfRange(ApiParameter parameter)
    {
        yield return (parameter.Schema.GetProperty("minimum").GetDecimal() - 1).ToString(CultureInfo.InvariantCulture);
        if (parameter.Schema.TryGetProperty("maximum", out var maximum))
            yield return (maximum.GetDecimal() + 1).ToString(CultureInfo.InvariantCulture);
    }

    async Task IsHealthy()
    {
        await Edge.Json("/health");
        await Edge.Json("/api/products/1");
    }
}
