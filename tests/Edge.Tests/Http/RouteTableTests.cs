using Edge.Http;
using Microsoft.AspNetCore.Builder;

namespace Edge.Tests.Http;

/// <summary>What a route may not be declared as.</summary>
public sealed class RouteTableTests
{
    static readonly CacheRule Public = CacheRule.Tagged(new() { Name = "public", DurationMs = 60_000 });

    [Fact]
    public async Task What_is_for_somebody_in_particular_cannot_be_cached_under_a_key_that_all_share()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var routes = new RouteTable(app, [], new CursorCodec("key"u8.ToArray()), new AdminGate(null));
        foreach (var access in Enum.GetValues<Access>())
            foreach (var rule in (CacheRule[])[Public, Public with { IsForAnonymous = true }])
            {
                var isRight = rule.IsForAnonymous ? access == Access.OptionalSession : access == Access.Anyone;
                var operation = new Operation { Path = $"/{access}", Tag = "T", Summary = "S", Access = access, Cache = rule };
                var refused = Record.Exception(() => routes.Get(operation, static () => Rendered.Of(Public, "{}"u8, link: null)));
                Assert.True(isRight == refused is null, $"{access}, for those without a session: {rule.IsForAnonymous}: {refused?.Message ?? "declared"}");
                Assert.True(isRight || refused is InvalidOperationException);
            }
    }
}
