using Edge.Core.RateLimiting;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>
/// What <see cref="ITokenStore"/> promises, held against each adapter.
/// <para>
/// A store has a clock that no test can set. It is moved the other way round: a bucket's state is a time of day, and to move that into the past is
/// to let time pass. And nobody has to guess at which moment a call was decided: the state afterwards less the time that it is ahead is that moment,
/// to the nanosecond. So every answer is compared exactly, through the same script that runs in production.
/// </para>
/// </summary>
public abstract class TokenStoreConformance
{
    protected const int TimeoutMs = 20_000;
    const long Second = 1_000_000_000;

    static readonly RateLimit Limit = new(Count: 100, PeriodSeconds: 1, Burst: 100);

    static readonly RateLimit[] s_limits =
    [
        new(100, 1, 100), new(5, 60, 5), new(1, 86_400, 30), new(7, 3, 1_000_000), new(1_000_000, 1, 1_000_000), new(1000, 3, 19), new(1, 1, 1), new(3, 7, 64), new(999_983, 60, 40_000),
    ];

    /// <summary>One call: whose, by which limit, what for, and how much time passes before it, in thousandths of the whole bucket.</summary>
    public readonly record struct Step(int Key, int LimitIndex, int NeededPermille, int WantedPermille, int LifePermille, int Spent, int PassesPermille);

    static readonly Gen<int> s_tokens = Gen.Frequency((3, Gen.Constant(0)), (4, Gen.Choose(1, 60)), (2, Gen.Choose(0, 400)), (1, Gen.Choose(0, 1100)));

    static readonly Gen<Step> s_steps =
        from key in Gen.Choose(0, 1)
        from other in Gen.Frequency((30, Gen.Constant(0)), (1, Gen.Choose(1, 8)))
        from needed in s_tokens
        from wanted in s_tokens
        from life in Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Choose(0, 120)), (1, Gen.Choose(0, 1200)))
        from spent in Gen.Frequency((6, Gen.Constant(0)), (3, Gen.Choose(0, 50)), (1, Gen.Choose(0, int.MaxValue)))
        from passes in Gen.Frequency((6, Gen.Constant(0)), (4, Gen.Choose(0, 200)), (1, Gen.Choose(0, 2000)), (1, Gen.Choose(-3000, 0)))
        select new Step(key, other, needed, wanted, life, spent, passes);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An instance's link to the one store.</summary>
    protected abstract ITokenStore Connect();

    protected abstract ValueTask<long> NowNs();

    /// <summary>Takes, and the bucket's state right after that, which nothing comes between; 0: it is not there.</summary>
    protected abstract Task<(TokenGrant Grant, long TatNs)> TakeAndRead(TokenRequest request);

    protected abstract Task Write(UInt128 key, long tatNs);

    [Fact]
    public Task Whatever_is_asked_in_whatever_order_the_answers_are_those_of_the_model() => Task.Run(() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, s_limits.Length - 1)), Arb.From(s_steps.NonEmptyListOf()), (limit, steps) => Play(limit, [.. steps]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(60)), Cancel);

    [Fact]
    public async Task A_key_never_seen_has_a_full_bucket_of_which_a_quarter_is_lent_at_most()
    {
        Assert.Equal(25, (await Take(NewKey(), wanted: 1000)).Granted);
        Assert.Equal(10, (await Take(NewKey(), wanted: 10)).Granted);
        // A life of 200 ms of a bucket that fills in a second: a fifth is kept back.
        Assert.Equal(20, (await Take(NewKey(), wanted: 1000, lifeNs: Second / 5)).Granted);
    }

    [Fact]
    public async Task The_last_tokens_are_granted_to_who_needs_them_at_once_and_nothing_less_than_that()
    {
        var slow = new RateLimit(Count: 5, PeriodSeconds: 3600, Burst: 5);
        var key = NewKey();
        for (var i = 0; i < 5; i++)
            Assert.Equal(1, (await Take(key, needed: 1, limit: slow)).Granted);
        Assert.Equal(0, (await Take(key, needed: 1, limit: slow)).Granted);
        var other = NewKey();
        Assert.Equal(3, (await Take(other, needed: 3, limit: slow)).Granted);
        Assert.Equal(0, (await Take(other, needed: 3, limit: slow)).Granted);
        Assert.Equal(2, (await Take(other, needed: 2, limit: slow)).Granted);
    }

    [Fact]
    public async Task What_was_spent_without_a_grant_is_charged_down_to_an_empty_bucket()
    {
        var slow = new RateLimit(Count: 100, PeriodSeconds: 86_400, Burst: 100);
        var key = NewKey();
        Assert.Equal(new(0, 30 * slow.IntervalNs), await Take(key, spent: 30, limit: slow));
        Assert.Equal(0, (await Take(key, needed: 71, limit: slow)).Granted);
        Assert.InRange((await Take(key, spent: int.MaxValue, limit: slow)).AheadNs, slow.FullNs, slow.FullNs);
        Assert.Equal(0, (await Take(key, needed: 1, limit: slow)).Granted);
    }

    [Fact]
    public async Task A_bucket_that_is_too_far_ahead_is_empty_and_fills_in_its_own_time()
    {
        var key = NewKey();
        await Write(key, await NowNs() + (3600 * Second));
        Assert.Equal(new(0, Limit.FullNs), await Take(key, needed: 1));
        var (_, tat) = await TakeAndRead(new(key, Limit, 0, 0, 0, 0));
        Assert.InRange(tat, 1, await NowNs() + Limit.FullNs);
    }

    [Fact]
    public async Task Of_many_who_need_one_at_once_as_many_get_it_as_there_are()
    {
        var slow = new RateLimit(Count: 50, PeriodSeconds: 86_400, Burst: 50);
        var (key, links) = (NewKey(), Enumerable.Range(0, 4).Select(_ => Connect()).ToArray());
        var grants = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () => await links[i % 4].Take(new(key, slow, 1, 1, 0, 0), TimeoutMs), Cancel)));
        Assert.Equal(50, grants.Sum(static grant => grant!.Value.Granted));
    }

    protected static UInt128 NewKey() => new((ulong)Random.Shared.NextInt64(), (ulong)Random.Shared.NextInt64());

    async Task<bool> Play(int limitIndex, Step[] steps)
    {
        UInt128[] keys = [NewKey(), NewKey()];
        var tats = new long[2];
        foreach (var step in steps)
        {
            var limit = s_limits[(limitIndex + step.LimitIndex) % s_limits.Length];
            int Tokens(int permille) => (int)((((long)limit.Burst * permille) + 999) / 1000);
            var needed = Tokens(step.NeededPermille);
            var request = new TokenRequest(
                keys[step.Key], limit, needed, Math.Max(needed, Tokens(step.WantedPermille)), limit.FullNs / 1000 * step.LifePermille, step.Spent);
            if (step.PassesPermille != 0 && tats[step.Key] > 0)
                await Write(request.Key, tats[step.Key] = Math.Max(1, tats[step.Key] - (limit.FullNs / 1000 * step.PassesPermille)));

            var fromNs = await NowNs();
            var (grant, tat) = await TakeAndRead(request);
            var tillNs = await NowNs();
            // A bucket that was full before and after does not tell when, and it makes no difference.
            var nowNs = grant.AheadNs > 0 && tat > 0 ? tat - grant.AheadNs : tillNs;
            var expected = TokenGrant.Of(request, ref tats[step.Key], nowNs);
            // One that was not there any more has filled up and expired between the two.
            if (tat == 0 && fromNs + grant.AheadNs < tillNs)
                tats[step.Key] = 0;
            else if (grant != expected || nowNs % 1000 != 0 || nowNs < fromNs || nowNs > tillNs || (tat != tats[step.Key] && grant.AheadNs > 0))
                throw new InvalidOperationException($"{request}: {grant} and {tat}, not {expected} and {tats[step.Key]}, at {nowNs} between {fromNs} and {tillNs}");
            tats[step.Key] = tat;
        }
        return true;
    }

    async Task<TokenGrant> Take(UInt128 key, int needed = 0, int wanted = 0, long lifeNs = 0, int spent = 0, RateLimit? limit = null)
    {
        var grant = await Connect().Take(new(key, limit ?? Limit, needed, Math.Max(needed, wanted), lifeNs, spent), TimeoutMs);
        Assert.NotNull(grant);
        return grant.Value;
    }
}
