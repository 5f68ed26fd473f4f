using System.Text;
using Edge.Core.Basics;
using Edge.Core.RateLimiting;

namespace Edge.Http;

/// <summary>
/// Limits requests, and tells clients what they have left.
///
/// <para><b>Who pays</b>: (1) whoever sends an <c>X-API-Key</c> that is known, by its plan; one that is not known is 401, and counts for
/// its address, as does each lookup of a key or session that is not in memory, until it has told whose it is (<see cref="PayForLookup(HttpContext)"/>); (2) else the user, where the route knows the session; (3) else the client address (<see cref="ProxyTrust"/>). Besides, a route may
/// belong to a group with a policy of its own (writes, exports, logins), of which the same one pays. All must admit, and nothing is taken
/// from one where another refuses (<see cref="LimitTakes"/>).</para>
///
/// <para><b>What it costs.</b> The policy of (1)–(3) pays the operation's cost, but no more than its whole bucket, so that a small limit refuses
/// nobody for good. A group counts calls.</para>
///
/// <para><b>When.</b> Before anything is done for a request: of a cached answer after it was found and before it is sent, of any other before its
/// parameters are read. Where the session decides who pays it is looked up first, in memory as a rule; a token that is no session's pays by
/// address, and is 401 after that. Of a login the email is known late: its policy is asked when the body has been read
/// (<see cref="AdmitLogin"/>), and gives back what was taken of the others where it refuses.</para>
///
/// <para><b>Headers</b> are set with the decision, so that every answer that follows has them, whatever becomes of it. They tell of the policy
/// that is nearest to refusing: the one that has the fewest requests like this left.</para>
///
/// <para>Decided in memory (<see cref="KeyedLimiter"/>): nothing is allocated and nothing waits, unless the store that all instances share has to
/// be asked. Limits can be replaced at any time; buckets are times, not numbers, and go on as they are.</para>
/// </summary>
/// <param name="keys">Null: nobody has API keys, and the header means nothing.</param>
/// <param name="store">Null: this instance is the only one.</param>
internal sealed class RateLimiter(LimitSettings settings, ProxyTrust trust, IApiKeys? keys, ITokenStore? store, TimeProvider clock)
{
    const string KeyHeader = "X-API-Key";

    /// <summary>A key that takes longer to look up cannot be told now.</summary>
    static readonly TimeSpan LongestLookup = TimeSpan.FromMilliseconds(250);

    static readonly Problem UnknownKey = Problem.Unauthorized("There is no such X-API-Key, or it was revoked.");

    static readonly object PendingLogin = new();

    static readonly Task<Problem?> Admitted = Task.FromResult<Problem?>(null);

    readonly KeyedLimiter?[] _limiters = new KeyedLimiter?[LimitSettings.PolicyNames.Length];
    readonly long[] _shadowRefused = new long[LimitSettings.PolicyNames.Length];
    LimitRules _rules = new(settings);

    /// <summary>The limits from now on. What is told apart, and what logins do without Redis, stays as it was at the start.</summary>
    public void Apply(LimitSettings changed) => Volatile.Write(ref _rules, new(changed));

    /// <summary>Decides, and sets the headers.</summary>
    /// <param name="caller">Null: the session is not known, or there is none.</param>
    /// <param name="refusal">What to answer; null: it is admitted.</param>
    /// <returns>Null: it is decided. Else the refusal once somebody has been asked.</returns>
    public Task<Problem?>? Admit(HttpContext context, LimitGroup group, int cost, Caller? caller, out Problem? refusal)
    {
        refusal = null;
        var rules = Volatile.Read(ref _rules);
        if (!rules.IsOn)
            return null;
        var address = trust.AddressOf(context);
        if (rules.Exempt.Length > 0 && AddressNetwork.AnyContains(rules.Exempt, address))
            return null;
        if (keys is not null && context.Request.Headers[KeyHeader] is { Count: > 0 } sent)
            return AdmitKey(context, rules, group, cost, caller, address, sent.ToString());
        return Admit(context, rules, group, cost, caller, address, out refusal);
    }

    /// <summary>
    /// Before a key or token that is not in memory is looked up: its address pays for the question, or whoever invents them would have the database asked as often as they
    /// like, and be refused afterwards. It has it back once the question is answered (<see cref="PaidLookup.GiveBack"/>): then whoever it is pays.
    /// </summary>
    public async Task<PaidLookup> PayForLookup(HttpContext context)
    {
        var rules = Volatile.Read(ref _rules);
        var address = trust.AddressOf(context);
        return !rules.IsOn || AddressNetwork.AnyContains(rules.Exempt, address) || rules[LimitPolicy.Public] is not { } rule ? PaidLookup.Free
            : await PayForLookup(context, rule, address);
    }

    async Task<PaidLookup> PayForLookup(HttpContext context, LimitRule rule, ClientAddress address)
    {
        var takes = new[] { TakeOf(rule, WhoAt(address), 1) };
        if (!LimitTakes.TryTake(takes, out var isAllowed))
            isAllowed = await LimitTakes.Asking(takes);
        // Who pays in the end is not known yet, and what it has left neither: an answer tells of this take only where it is refused.
        return new(takes, isAllowed && !rule.IsShadow ? null : Decided(context.Response.Headers, [rule], takes, isAllowed, rule.IsShadow ? null : rule.Text));
    }

    /// <summary>Of a login whose body has been read; null: it is admitted.</summary>
    /// <param name="email">In the one spelling under which it is looked up.</param>
    public static Task<Problem?> AdmitLogin(HttpContext context, string email) =>
        context.Items.TryGetValue(PendingLogin, out var pending) && pending is Login login ? login.Limiter.Admit(context, login, email) : Admitted;

    /// <summary>What has been decided by a policy since the start; null: nothing yet.</summary>
    public (LimiterStatistics Statistics, long ShadowRefused)? Statistics(LimitPolicy policy)
    {
        if (Volatile.Read(ref _limiters[(int)policy]) is not { } limiter)
            return null;
        // It is part of the others, and counted after them: read after them there could be more of it than of the whole.
        var shadowRefused = Volatile.Read(ref _shadowRefused[(int)policy]);
        return (limiter.Statistics(), shadowRefused);
    }

    /// <summary>How many clients a policy tells apart now. It takes milliseconds where there is room for many.</summary>
    public int Tracked(LimitPolicy policy) => Volatile.Read(ref _limiters[(int)policy])?.Tracked() ?? 0;

    /// <summary>The limit of a policy as it holds now; null: it is off.</summary>
    public LimitRule? Rule(LimitPolicy policy)
    {
        var rules = Volatile.Read(ref _rules);
        return !rules.IsOn ? null : policy == LimitPolicy.Key ? rules.OfPlan(LimitSettings.StandardPlan) : rules[policy];
    }

    async Task<Problem?> AdmitKey(HttpContext context, LimitRules rules, LimitGroup group, int cost, Caller? caller, ClientAddress address, string sent)
    {
        var isKnown = true;
        if (!keys!.TryFind(sent, out var key))
        {
            var lookup = rules[LimitPolicy.Public] is { } rule ? await PayForLookup(context, rule, address) : PaidLookup.Free;
            if (lookup.Refusal is { } reached)
                return reached;
            try
            {
                key = await keys.Find(sent, context.RequestAborted).AsTask().WaitAsync(LongestLookup, clock);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // Who has it cannot be told now. It is no reason not to answer: it is limited as if it had not been sent.
                isKnown = false;
            }
            finally
            {
                lookup.GiveBack();
            }
        }
        // (1)
        var pending = key is not null
            ? Admit(context, rules, group, rules.OfPlan(key.Plan), Who(LimitPolicy.Key, (ulong)key.Id), cost, address, out var refusal)
            : Admit(context, rules, group, cost, isKnown ? null : caller, address, out refusal);
        refusal = pending is null ? refusal : await pending;
        return refusal ?? (key is null && isKnown ? UnknownKey : null);
    }

    Task<Problem?>? Admit(HttpContext context, LimitRules rules, LimitGroup group, int cost, Caller? caller, ClientAddress address, out Problem? refusal) =>
        // (2), (3)
        caller is not null
            ? Admit(context, rules, group, rules[LimitPolicy.User], Who(LimitPolicy.User, (ulong)caller.UserId), cost, address, out refusal)
            : Admit(context, rules, group, rules[LimitPolicy.Public], WhoAt(address), cost, address, out refusal);

    Task<Problem?>? Admit(HttpContext context, LimitRules rules, LimitGroup group, LimitRule? own, UInt128 who, int cost, ClientAddress address, out Problem? refusal)
    {
        refusal = null;
        var shared = rules.OfGroup(group);
        if (own is null && shared is null)
        {
            if (group == LimitGroup.Login)
                Remember(context, rules, [], [], null);
            return null;
        }
        if (shared is null && group != LimitGroup.Login)
        {
            var take = TakeOf(own!, who, cost);
            if (!LimitTakes.TryTake(new(ref take), out var isAllowed))
                return AdmitAsking(context, rules, group, [own!], [take]);
            refusal = Decided(context.Response.Headers, new(ref own!), new(ref take), isAllowed, own!.IsShadow ? null : own.Text);
            return null;
        }
        // A group's bucket is its own, though the same one pays; logins count by address, whoever is signed in.
        var payer = group == LimitGroup.Login ? WhoAt(address) : who;
        LimitRule[] applied = own is null ? [shared!] : shared is null ? [own] : [own, shared];
        var takes = new LimitTake[applied.Length];
        for (var i = 0; i < applied.Length; i++)
            takes[i] = applied[i] == own ? TakeOf(own, who, cost) : TakeOf(shared!, payer ^ (uint)shared!.Policy, 1);
        if (!LimitTakes.TryTake(takes, out var areAllowed))
            return AdmitAsking(context, rules, group, applied, takes);
        refusal = Finish(context, rules, group, applied, takes, areAllowed);
        return null;
    }

    async Task<Problem?> AdmitAsking(HttpContext context, LimitRules rules, LimitGroup group, LimitRule[] applied, LimitTake[] takes) =>
        Finish(context, rules, group, applied, takes, await LimitTakes.Asking(takes));

    Problem? Finish(HttpContext context, LimitRules rules, LimitGroup group, LimitRule[] applied, LimitTake[] takes, bool isAllowed)
    {
        var policies = PoliciesOf(applied, group == LimitGroup.Login ? rules.LoginMore : "");
        if (group == LimitGroup.Login && isAllowed)
            Remember(context, rules, applied, takes, policies);
        return Decided(context.Response.Headers, applied, takes, isAllowed, policies);
    }

    void Remember(HttpContext context, LimitRules rules, LimitRule[] applied, LimitTake[] takes, string? policies)
    {
        if (rules[LimitPolicy.LoginEmail] is { } rule)
            context.Items[PendingLogin] = new Login(this, rule, applied, takes, policies);
    }

    async Task<Problem?> Admit(HttpContext context, Login login, string email)
    {
        var take = new[] { TakeOf(login.Rule, TextKey("login-email:" + email), 1) };
        if (!LimitTakes.TryTake(take, out var isAllowed))
            isAllowed = await LimitTakes.Asking(take);
        if (!isAllowed)
            LimitTakes.GiveBack(login.Takes);
        LimitRule[] applied = [.. login.Applied, login.Rule];
        // The first decision listed this policy too.
        return Decided(context.Response.Headers, applied, [.. login.Takes, .. take], isAllowed, login.Policies ?? PoliciesOf(applied, ""), counted: login.Takes.Length);
    }

    /// <summary>Sets the headers; null where it is allowed.</summary>
    /// <param name="policies">See <see cref="PoliciesOf"/>.</param>
    /// <param name="counted">Of so many takes a decision of before has counted what shadows would have refused.</param>
    Problem? Decided(IHeaderDictionary headers, ReadOnlySpan<LimitRule> applied, ReadOnlySpan<LimitTake> takes, bool isAllowed, string? policies, int counted = 0)
    {
        var nearest = -1;
        for (var i = 0; i < takes.Length; i++)
        {
            if (applied[i].IsShadow)
            {
                if (i >= counted && !takes[i].Decision.IsAllowed)
                    Interlocked.Increment(ref _shadowRefused[(int)applied[i].Policy]);
                continue;
            }
            if (nearest < 0 || IsNearer(in takes[i], in takes[nearest]))
                nearest = i;
        }
        if (nearest < 0)
            return null;

        var rule = applied[nearest];
        var decision = takes[nearest].Decision;
        var remaining = Math.Min(decision.Remaining, rule.Limit.Burst);
        // Without anything left it is the time until the next one that a client has to know.
        var seconds = !isAllowed ? RetrySeconds(rule, decision)
            : remaining == 0 ? Math.Max(1, Seconds.Of(decision.ResetNs + rule.Limit.IntervalNs - rule.Limit.FullNs))
            : Seconds.Of(decision.ResetNs);
        headers[HeaderLines.Carrier] = rule.Headers(remaining, seconds, Seconds.Of(decision.ResetNs), policies!);
        return isAllowed ? null
            : decision.IsDegraded && rule.Policy >= LimitPolicy.Login && settings.IsLoginStrict ? Problem.Unavailable("Sign-ins cannot be counted at the moment.", seconds)
            : Problem.LimitReached(rule.Name, seconds);
    }

    /// <summary><c>RateLimit-Policy</c>: of those that are more than counted there are two at most. Null: there is none.</summary>
    /// <param name="more">See <see cref="LimitRule.TextWith(string)"/>.</param>
    static string? PoliciesOf(ReadOnlySpan<LimitRule> applied, string more)
    {
        LimitRule? first = null;
        foreach (var rule in applied)
        {
            if (rule.IsShadow)
                continue;
            if (first is not null)
                return first.TextWith(rule, more);
            first = rule;
        }
        return first?.TextWith(more);
    }

    /// <summary>Who refuses for longer; where neither does, who has fewer requests of this kind left.</summary>
    static bool IsNearer(in LimitTake take, in LimitTake than) => take.Decision.IsAllowed != than.Decision.IsAllowed ? !take.Decision.IsAllowed
        : take.Decision.IsAllowed ? (long)take.Decision.Remaining * than.Cost < (long)than.Decision.Remaining * take.Cost
        : take.Decision.RetryNs > than.Decision.RetryNs;

    static int RetrySeconds(LimitRule rule, LimitDecision decision) => Math.Max(1, decision.RetryNs == Gcra.Never ? rule.FullSeconds : Seconds.Of(decision.RetryNs));

    LimitTake TakeOf(LimitRule rule, UInt128 key, int cost) =>
        new(Limiter(rule.Policy), key, rule.Limit, Math.Min(cost, rule.Limit.Burst)) { IsShadow = rule.IsShadow };

    /// <summary>Made when it is first needed: its table is as large as it will ever be.</summary>
    KeyedLimiter Limiter(LimitPolicy policy) => Volatile.Read(ref _limiters[(int)policy]) ?? MakeLimiter(policy);

    KeyedLimiter MakeLimiter(LimitPolicy policy)
    {
        var made = new KeyedLimiter(
            new() { Keys = settings.Keys, Instances = settings.Instances, IsStrict = policy >= LimitPolicy.Login && settings.IsLoginStrict }, store, clock);
        return Interlocked.CompareExchange(ref _limiters[(int)policy], made, null) ?? made;
    }

    static UInt128 WhoAt(ClientAddress address) => address.IsV4
        ? Who(LimitPolicy.Public, (uint)address.Bits)
        : Who(LimitPolicy.Login, (ulong)(address.Bits >> 64));

    /// <summary>
    /// The bucket's name, the same on all instances: two numbers mixed by steps of which each can be undone, so that no two have the same.
    /// </summary>
    static UInt128 Who(LimitPolicy kind, ulong id)
    {
        var (high, low) = ((ulong)kind + 1, id);
        high ^= RandomSource.Mix(low);
        low ^= RandomSource.Mix(high);
        high ^= RandomSource.Mix(low);
        return new(high, low);
    }

    static UInt128 TextKey(string text)
    {
        Span<byte> hash = stackalloc byte[SipHash.HashBytes];
        SipHash.Hash128(Encoding.UTF8.GetBytes(text), hash);
        return new(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]) | 1);
    }

    /// <summary>A lookup that somebody's address pays for.</summary>
    internal sealed class PaidLookup(LimitTake[] takes, Problem? refusal)
    {
        /// <summary>Nobody pays: what has nothing to give back is shared.</summary>
        public static readonly PaidLookup Free = new([], null);

        /// <summary>What to answer instead; null: it may be made.</summary>
        public Problem? Refusal => refusal;

        public void GiveBack() => LimitTakes.GiveBack(takes);
    }

    sealed class Login(RateLimiter limiter, LimitRule rule, LimitRule[] applied, LimitTake[] takes, string? policies)
    {
        public RateLimiter Limiter => limiter;

        public LimitRule Rule => rule;

        public LimitRule[] Applied => applied;

        public LimitTake[] Takes => takes;

        /// <summary>As the first decision listed them; null: it had none to list.</summary>
        public string? Policies => policies;
    }
}
