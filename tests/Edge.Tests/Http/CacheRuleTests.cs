using Edge.Http;

namespace Edge.Tests.Http;

public sealed class CacheRuleTests
{
    static readonly CacheRule Rule = CacheRule.Tagged(new() { Name = "ends", DurationMs = 60_000 }) with { HasEnds = true };

    [Theory]
    [InlineData(0, 86_400_000, "public, max-age=60, stale-while-revalidate=60, stale-if-error=86339")]
    [InlineData(5_900, 86_394_100, "public, max-age=60, stale-while-revalidate=60, stale-if-error=86339")]
    [InlineData(0, 90_000, "public, max-age=60, stale-while-revalidate=29, stale-if-error=29")]
    [InlineData(20_000, 60_001, "public, max-age=60, stale-while-revalidate=19, stale-if-error=19")]
    [InlineData(40_000, 50_000, "public, max-age=50, stale-while-revalidate=0, stale-if-error=0")]
    [InlineData(0, 1_999, "public, max-age=1, stale-while-revalidate=0, stale-if-error=0")]
    [InlineData(0, 0, "public, max-age=0, stale-while-revalidate=0, stale-if-error=0")]
    [InlineData(0, -5, "public, max-age=0, stale-while-revalidate=0, stale-if-error=0")]
    public void Clients_are_told_to_use_no_answer_after_its_end(long ageMs, long keepMs, string words) => Assert.Equal(words, Rule.CacheControlFor(ageMs, keepMs));
}
