using System.Globalization;
using System.Net;
using Edge.Core.RateLimiting;
using Edge.Http;
using Edge.Tests.Basics;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Tests.Http;

public sealed class RateLimiterTests
{
    const string Here = "192.0.2.1";

    readonly FakeTime _clock = new();

    static readonly LimitSettings Small = new()
    {
        Public = new RateLimit(3, 86_400, 3), User = new RateLimit(4, 86_400, 4), Writes = new RateLimit(2, 86_400, 2), Keys = 1024,
        Plans = [new("standard", new RateLimit(5, 86_400, 5)), new("gold", new RateLimit(9, 86_400, 9)), new("free", null)],
    };

    /// <summary>At any time, however much was taken and whatever it costs: as many requests as were promised are admitted, and one more is not.</summary>
    [Fact]
    public void What_an_answer_says_is_left_is_what_the_next_ones_get() => Prop.ForAll(
        Arb.From(from count in Gen.Choose(1, 100) from period in Gen.Choose(1, 100) from burst in Gen.Choose(1, 60) select new RateLimit(count, period, burst)),
        Arb.From((from step in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 9000))) from cost in Gen.Choose(1, 9) select (step, cost)).ArrayOf()),
        (limit, walk) =>
        {
            var clock = new FakeTime();
            var limiter = Limiter(new() { Public = limit, Keys = 1024 }, clock: clock);
            foreach (var (step, cost) in walk)
            {
                clock.Advance(TimeSpan.FromMilliseconds(step));
                var (refusal, headers) = Admit(limiter, cost: cost);
                if (refusal is not null)
                {
                    // Who waits as long as they are told is admitted.
                    clock.Advance(TimeSpan.FromSeconds(refusal.RetryAfterSeconds));
                    if (Number(headers, "X-RateLimit-Limit") != limit.Burst || Admit(limiter, cost: cost).Refusal is not null)
                        return false;
                }
            }
            var left = Number(Admit(limiter).Headers, "X-RateLimit-Remaining");
            for (var i = 0; i < left; i++)
                if (Admit(limiter) is not { Refusal: null } answer || Number(answer.Headers, "X-RateLimit-Remaining") != left - 1 - i)
                    return false;
            var last = Admit(limiter);
            if (last.Refusal is null)
                return false;
            // Nothing left: t is when the next one is admitted; reset is when all are back.
            clock.Advance(TimeSpan.FromSeconds(Number(last.Headers, "X-RateLimit-Reset")));
            return Number(Admit(limiter).Headers, "X-RateLimit-Remaining") == limit.Burst - 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_window_is_the_time_in_which_the_bucket_fills_up() => Prop.ForAll(
        Arb.From(from count in Gen.Choose(1, 5000) from period in Gen.Choose(1, 5000) from burst in Gen.Choose(1, 500) select new RateLimit(count, period, burst)),
        static limit =>
        {
            var seconds = new LimitRule(LimitPolicy.Public, limit, isShadow: false).FullSeconds;
            return seconds * (long)limit.Count >= (long)limit.Burst * limit.PeriodSeconds && (seconds - 1) * (long)limit.Count < (long)limit.Burst * limit.PeriodSeconds;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task A_known_key_pays_by_its_plan_wherever_it_comes_from()
    {
        var limiter = Limiter(Small, new Keys());
        Assert.Equal("\"key\";q=9;w=86400", (await Ask(limiter, "gold-1", from: "192.0.2.1")).Headers["RateLimit-Policy"]);
        Assert.Equal(7, Number((await Ask(limiter, "gold-1", from: "192.0.2.2")).Headers, "X-RateLimit-Remaining"));
        Assert.Equal(8, Number((await Ask(limiter, "gold-2")).Headers, "X-RateLimit-Remaining"));
        // A plan that the settings do not name is the standard one; one that is off limits nothing.
        Assert.Equal(4, Number((await Ask(limiter, "unheard-3")).Headers, "X-RateLimit-Remaining"));
        Assert.Empty((await Ask(limiter, "free-4")).Headers);
        Assert.Equal(2, Number(Admit(limiter).Headers, "X-RateLimit-Remaining"));
    }

    [Fact]
    public async Task A_key_goes_before_the_session()
    {
        var limiter = Limiter(Small, new Keys());
        Assert.StartsWith("\"key\"", (await Ask(limiter, "gold-1", caller: User(7))).Headers["RateLimit-Policy"].ToString());
        Assert.StartsWith("\"user\"", Admit(limiter, caller: User(7)).Headers["RateLimit-Policy"].ToString());
    }

    [Fact]
    public async Task An_unknown_key_is_401_and_its_address_pays_until_that_is_429()
    {
        var limiter = Limiter(Small, new Keys());
        int[] statuses = new int[5];
        for (var i = 0; i < statuses.Length; i++)
            statuses[i] = (await Ask(limiter, "none" + i)).Refusal!.Status;
        Assert.Equal([401, 401, 401, 429, 429], statuses);
        // A session beside it does not pay either: keys could be tried at its expense for ever.
        Assert.Equal(429, (await Ask(limiter, "none9", caller: User(7))).Refusal!.Status);
        Assert.Equal(429, Admit(limiter).Refusal!.Status);
    }

    [Fact]
    public async Task Keys_that_cannot_be_looked_up_are_no_reason_not_to_answer()
    {
        var (refusal, headers) = await Ask(Limiter(Small, new Keys { IsBroken = true }), "gold-1");
        Assert.Null(refusal);
        Assert.StartsWith("\"public\"", headers["RateLimit-Policy"].ToString());
    }

    [Fact]
    public async Task Whoever_invents_keys_has_none_looked_up_once_their_address_is_used_up()
    {
        var keys = new Keys();
        var limiter = Limiter(Small, keys);
        for (var i = 0; i < 3; i++)
            Assert.Equal(401, (await Ask(limiter, "none" + i)).Refusal!.Status);
        for (var i = 0; i < 10; i++)
            Assert.Equal(429, (await Ask(limiter, "none" + i)).Refusal!.Status);
        Assert.Equal(3, keys.Lookups);
        // What is in memory costs nobody a question, and goes on.
        keys.InMemory = "gold-1";
        Assert.Equal(8, Number((await Ask(limiter, "gold-1")).Headers, "X-RateLimit-Remaining"));
        Assert.Equal(3, keys.Lookups);
    }

    [Fact]
    public async Task A_key_that_takes_long_to_look_up_is_limited_as_if_it_had_not_been_sent()
    {
        var keys = new Keys { IsFrozen = true };
        var asked = Ask(Limiter(Small, keys), "gold-1");
        Assert.Equal(1, keys.Lookups);
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(asked.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var (refusal, headers) = await asked.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Null(refusal);
        Assert.Equal("\"public\";r=2;t=28800", headers["RateLimit"]);
    }

    [Fact]
    public async Task A_shadowed_login_counts_each_refusal_once()
    {
        var limiter = Limiter(new() { Public = new RateLimit(100, 60, 100), Login = new RateLimit(2, 86_400, 2), LoginEmail = new RateLimit(1, 86_400, 1), Shadow = -1, Keys = 1024 });
        for (var i = 0; i < 6; i++)
        {
            var context = Context(Here);
            Assert.Null((await Pending(limiter, context, LimitGroup.Login)).Refusal);
            Assert.Null(await RateLimiter.AdmitLogin(context, "ada@example.com"));
        }
        foreach (var (policy, refused) in new[] { (LimitPolicy.Public, 0), (LimitPolicy.Login, 4), (LimitPolicy.LoginEmail, 5) })
        {
            var (statistics, shadowRefused) = limiter.Statistics(policy)!.Value;
            Assert.Equal((refused, refused), (statistics.Refused, shadowRefused));
        }
    }

    [Fact]
    public void Instances_without_a_store_each_admit_their_share()
    {
        var limiter = Limiter(new() { Public = new RateLimit(8, 86_400, 8), Instances = 4, Keys = 1024 });
        Assert.Equal(1, Number(Admit(limiter).Headers, "X-RateLimit-Remaining"));
        Assert.Null(Admit(limiter).Refusal);
        Assert.Equal(429, Admit(limiter).Refusal?.Status);
    }

    [Fact]
    public void Without_keys_their_header_means_nothing() => Assert.Null(Admit(Limiter(Small), key: "whatever").Refusal);

    [Fact]
    public void An_address_of_six_words_counts_by_its_network_and_one_of_four_by_itself()
    {
        var limiter = Limiter(Small);
        int Left(string from) => Number(Admit(limiter, from: from).Headers, "X-RateLimit-Remaining");
        Assert.Equal([2, 1, 2, 2, 1, 2], [Left("192.0.2.1"), Left("::ffff:192.0.2.1"), Left("::ffff:192.0.2.2"), Left("2001:db8::1"), Left("2001:db8::ffff:1"), Left("2001:db8:0:1::1")]);
    }

    [Fact]
    public void The_policy_that_is_nearest_to_refusing_is_told()
    {
        var limiter = Limiter(Small);
        Assert.StartsWith("\"writes\";r=1;", Admit(limiter, LimitGroup.Writes).Headers["RateLimit"].ToString());
        // Public has 3 and this takes 2 at a time: after it none is left, of writes one would be.
        var both = Limiter(new() { Public = new RateLimit(3, 86_400, 3), Writes = new RateLimit(3, 86_400, 3), Keys = 1024 });
        Assert.StartsWith("\"public\";r=1;", Admit(both, LimitGroup.Writes, cost: 2).Headers["RateLimit"].ToString());
        Assert.Equal("\"public\";q=3;w=86400, \"writes\";q=3;w=86400", Admit(both, LimitGroup.Writes).Headers["RateLimit-Policy"]);
    }

    [Fact]
    public async Task A_group_counts_calls_whatever_they_cost_and_nobodys_buckets_are_another_policys()
    {
        var much = new RateLimit(5_000, 86_400, 5_000);
        var few = new RateLimit(5, 86_400, 5);
        var store = new Granting();
        var limiter = Limiter(new() { Public = much, User = much, Writes = few, Exports = few, Login = few, Keys = 1024 }, store: store);
        Assert.StartsWith("\"exports\";r=4;", (await Pending(limiter, Context(Here), LimitGroup.Exports, User(7), cost: 20)).Headers["RateLimit"].ToString());
        await Pending(limiter, Context(Here), LimitGroup.Writes, User(7));
        // Who signs in counts for the address, whatever session they have.
        Assert.StartsWith("\"login\";r=4;", (await Pending(limiter, Context(Here), LimitGroup.Login, User(7))).Headers["RateLimit"].ToString());
        Assert.StartsWith("\"login\";r=3;", (await Pending(limiter, Context(Here), LimitGroup.Login)).Headers["RateLimit"].ToString());
        // An address that is the same number as a user's.
        await Pending(limiter, Context("0.0.0.7"), LimitGroup.Reads);
        // user, exports, writes, public twice, login
        Assert.Equal(6, store.Keys);
    }

    [Fact]
    public void With_nothing_left_it_is_told_when_the_next_one_is_admitted()
    {
        var limiter = Limiter(Small);
        Admit(limiter);
        Assert.Equal("\"public\";r=1;t=57600", Admit(limiter).Headers["RateLimit"]);
        Assert.Equal("\"public\";r=0;t=28800", Admit(limiter).Headers["RateLimit"]);
        _clock.Advance(TimeSpan.FromSeconds(28_799));
        Assert.Equal(429, Admit(limiter).Refusal?.Status);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Admit(limiter).Refusal);
    }

    [Fact]
    public async Task Where_only_emails_are_limited_a_login_tells_of_that()
    {
        var limiter = Limiter(new() { Public = null, User = null, Login = null, LoginEmail = new RateLimit(2, 86_400, 2), Keys = 1024 });
        for (var i = 0; i < 3; i++)
        {
            var context = Context(Here);
            Assert.Empty((await Pending(limiter, context, LimitGroup.Login)).Headers);
            Assert.Equal(i < 2 ? null : 429, (await RateLimiter.AdmitLogin(context, "ada@example.com"))?.Status);
            Assert.Equal("\"login-email\";q=2;w=86400", ShownHeaders.Of(context.Response.Headers)["RateLimit-Policy"]);
        }
    }

    [Fact]
    public void A_shadow_is_not_listed()
    {
        var limiter = Limiter(new() { Public = Small.Public, Writes = new RateLimit(1, 86_400, 1), Shadow = 1 << (int)LimitPolicy.Writes, Keys = 1024 });
        for (var i = 0; i < 3; i++)
        {
            var (refusal, headers) = Admit(limiter, LimitGroup.Writes);
            Assert.Null(refusal);
            Assert.Equal("\"public\";q=3;w=86400", headers["RateLimit-Policy"]);
        }
        Assert.Equal((1, 2, 2), (limiter.Statistics(LimitPolicy.Writes)!.Value.Statistics.Allowed, limiter.Statistics(LimitPolicy.Writes)!.Value.Statistics.Refused, limiter.Statistics(LimitPolicy.Writes)!.Value.ShadowRefused));
    }

    [Fact]
    public void A_cost_of_more_than_the_bucket_is_the_whole_of_it()
    {
        var limiter = Limiter(Small);
        Assert.Null(Admit(limiter, cost: 100).Refusal);
        Assert.NotNull(Admit(limiter).Refusal);
    }

    [Fact]
    public void Limits_that_change_hold_at_once_for_buckets_that_there_are()
    {
        var limiter = Limiter(Small);
        for (var i = 0; i < 3; i++)
            Assert.Null(Admit(limiter).Refusal);
        Assert.NotNull(Admit(limiter).Refusal);
        // Used up it stays, and fills up as the new limit says, not as the old one did.
        limiter.Apply(new() { Public = new RateLimit(60, 60, 1000), Keys = 1024 });
        Assert.Equal((429, 1), (Admit(limiter).Refusal?.Status, Admit(limiter).Refusal?.RetryAfterSeconds));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Number(Admit(limiter).Headers, "X-RateLimit-Remaining"));
        _clock.Advance(TimeSpan.FromSeconds(1000));
        Assert.Equal(999, Number(Admit(limiter).Headers, "X-RateLimit-Remaining"));
        limiter.Apply(new() { IsOn = false });
        Assert.Empty(Admit(limiter).Headers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_the_store_decisions_are_made_here_and_logins_may_be_refused_instead(bool isStrict)
    {
        var limiter = Limiter(new() { Public = new RateLimit(100, 60, 100), IsLoginStrict = isStrict, Keys = 1024 }, store: new Gone());
        var (refusal, _) = await Pending(limiter, Context(Here), LimitGroup.Reads);
        Assert.Null(refusal);
        for (var i = 0; i < 10; i++)
            Assert.Null(Admit(limiter).Refusal);
        Assert.Equal((11, true), (limiter.Statistics(LimitPolicy.Public)!.Value.Statistics.Degraded, limiter.Statistics(LimitPolicy.Public)!.Value.Statistics.IsAlone));
        var (login, _) = await Pending(limiter, Context(Here), LimitGroup.Login);
        Assert.Equal(isStrict ? 503 : null, login?.Status);
        // Whom nobody asks any more does not say for ever that its store is gone.
        _clock.Advance(TimeSpan.FromMilliseconds(1_900));
        Assert.True(limiter.Statistics(LimitPolicy.Public)!.Value.Statistics.IsAlone);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.False(limiter.Statistics(LimitPolicy.Public)!.Value.Statistics.IsAlone);
    }

    [Fact]
    public void A_read_is_decided_without_an_allocation()
    {
        var limiter = Limiter(LimitSettings.Default);
        var context = Context(Here);
        Assert.InRange(
            Allocated.By(() =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    limiter.Admit(context, LimitGroup.Reads, 1, caller: null, out _);
                    _clock.Advance(TimeSpan.FromMilliseconds(50));
                    // What a server's own headers do between two requests.
                    context.Response.Headers.Clear();
                }
            }),
            0, 100);
    }

    RateLimiter Limiter(LimitSettings settings, IApiKeys? keys = null, FakeTime? clock = null, ITokenStore? store = null) => new(settings, ProxyTrust.Nobody, keys, store, clock ?? _clock);

    static (Problem? Refusal, IHeaderDictionary Headers) Admit(RateLimiter limiter, LimitGroup group = LimitGroup.Reads, int cost = 1, Caller? caller = null, string from = Here, string? key = null)
    {
        var context = Context(from, key);
        Assert.Null(limiter.Admit(context, group, cost, caller, out var refusal));
        return (refusal, ShownHeaders.Of(context.Response.Headers));
    }

    static Task<(Problem? Refusal, IHeaderDictionary Headers)> Ask(RateLimiter limiter, string key, Caller? caller = null, string from = Here) => Pending(limiter, Context(from, key), LimitGroup.Reads, caller);

    static async Task<(Problem? Refusal, IHeaderDictionary Headers)> Pending(RateLimiter limiter, DefaultHttpContext context, LimitGroup group, Caller? caller = null, int cost = 1)
    {
        var pending = limiter.Admit(context, group, cost, caller, out var refusal);
        return (pending is null ? refusal : await pending, ShownHeaders.Of(context.Response.Headers));
    }

    static DefaultHttpContext Context(string from, string? key = null)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Parse(from) });
        if (key is not null)
            context.Request.Headers["X-API-Key"] = key;
        return context;
    }

    static Caller User(long id) => new("", id, "somebody", Role.User, DateTime.MaxValue);

    static int Number(IHeaderDictionary headers, string name) => int.Parse(headers[name].ToString(), CultureInfo.InvariantCulture);

    /// <summary>Keys are called plan-id.</summary>
    sealed class Keys : IApiKeys
    {
        public bool IsBroken { get; init; }

        public bool IsFrozen { get; init; }

        public string? InMemory { get; set; }

        public int Lookups { get; private set; }

        public bool TryFind(string key, out ApiKey? found)
        {
            found = key == InMemory ? KeyOf(key) : null;
            return key == InMemory;
        }

        public async ValueTask<ApiKey?> Find(string key, CancellationToken cancel)
        {
            Lookups++;
            await Task.Yield();
            if (IsFrozen)
                await new TaskCompletionSource().Task;
            if (IsBroken)
                throw new TimeoutException("The keys cannot be had.");
            return KeyOf(key);
        }

        static ApiKey? KeyOf(string key) => key.Split('-') is [var plan, var id] ? new(long.Parse(id, CultureInfo.InvariantCulture), plan) : null;
    }

    /// <summary>Time stands still in it.</summary>
    sealed class Granting : ITokenStore
    {
        readonly Dictionary<UInt128, long> _tats = [];

        public int Keys => _tats.Count;

        public ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
        {
            var tatNs = _tats.GetValueOrDefault(request.Key);
            var grant = TokenGrant.Of(request, ref tatNs, nowNs: 0);
            _tats[request.Key] = tatNs;
            return new(grant);
        }
    }

    sealed class Gone : ITokenStore
    {
        public async ValueTask<TokenGrant?> Take(TokenRequest request, int timeoutMs)
        {
            await Task.Yield();
            return null;
        }
    }
}
