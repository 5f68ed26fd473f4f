using System.Globalization;
using Edge.Core.RateLimiting;

namespace Edge.Http;

/// <summary>One limit as it holds now, with the texts that answers carry of it.</summary>
internal sealed class LimitRule
{
    /// <summary>Most states whose text is kept.</summary>
    const int KeptStates = 4096;

    readonly State?[] _states;
    readonly string?[] _lists = new string?[LimitSettings.PolicyNames.Length];

    public LimitRule(LimitPolicy policy, RateLimit limit, bool isShadow)
    {
        (Policy, Limit, IsShadow) = (policy, limit, isShadow);
        _states = new State?[Math.Min(limit.Burst + 1, KeptStates)];
        FullSeconds = (int)((((long)limit.Burst * limit.PeriodSeconds) + limit.Count - 1) / limit.Count);
        // A bucket of burst tokens that fills up in w seconds: the quota and window that say what a client can have.
        Text = string.Create(CultureInfo.InvariantCulture, $"\"{Name}\";q={limit.Burst};w={Math.Max(1, FullSeconds)}");
    }

    public LimitPolicy Policy { get; }

    public RateLimit Limit { get; }

    public bool IsShadow { get; }

    public string Name => LimitSettings.NameOf(Policy);

    /// <summary>In which an empty bucket fills up.</summary>
    public int FullSeconds { get; }

    /// <summary>Its item of <c>RateLimit-Policy</c>.</summary>
    public string Text { get; }

    /// <summary><c>RateLimit-Policy</c> of a request that takes of another one too.</summary>
    /// <param name="more">Items of what is taken of later, with a comma before; empty: none.</param>
    public string TextWith(LimitRule other, string more) => _lists[(int)other.Policy] ??= $"{Text}, {other.Text}{more}";

    /// <summary>The same of a request that takes of this one alone, by now.</summary>
    public string TextWith(string more) => more.Length == 0 ? Text : _lists[(int)Policy] ??= Text + more;

    /// <summary>
    /// What an answer carries after a decision (<see cref="HeaderLines"/>). Of each number of tokens left the text of its last time is kept, which is most often
    /// that of the next.
    /// </summary>
    /// <param name="policies">The value of <c>RateLimit-Policy</c>: the same object each time, or nothing is kept.</param>
    public string Headers(int remaining, int seconds, int resetSeconds, string policies)
    {
        ref var kept = ref _states[remaining % _states.Length];
        if (kept is { } state && state.Remaining == remaining && state.Seconds == seconds && state.ResetSeconds == resetSeconds && ReferenceEquals(state.Policies, policies))
            return state.Headers;
        var made = new State(remaining, seconds, resetSeconds, policies, string.Create(
            CultureInfo.InvariantCulture,
            $"{HeaderLines.Security}{HeaderLines.RateLimit}\"{Name}\";r={remaining};t={seconds}{HeaderLines.RateLimitPolicy}{policies}{HeaderLines.XRateLimitLimit}{Limit.Burst}{HeaderLines.XRateLimitRemaining}{remaining}{HeaderLines.XRateLimitReset}{resetSeconds}"));
        Volatile.Write(ref kept, made);
        return made.Headers;
    }

    sealed class State(int remaining, int seconds, int resetSeconds, string policies, string headers)
    {
        public int Remaining => remaining;

        public int Seconds => seconds;

        public int ResetSeconds => resetSeconds;

        public string Policies => policies;

        public string Headers => headers;
    }
}

/// <summary>All limits as they hold now: made of the settings once, and replaced as a whole where these change.</summary>
internal sealed class LimitRules
{
    readonly LimitRule?[] _rules;
    readonly LimitPlan[] _plans;
    readonly LimitRule?[] _planRules;

    public LimitRules(LimitSettings settings)
    {
        IsOn = settings.IsOn;
        Exempt = settings.Exempt;
        LimitRule? Rule(LimitPolicy policy, RateLimit? limit) => limit is { } on ? new(policy, on, settings.IsShadow(policy)) : null;
        _rules =
        [
            Rule(LimitPolicy.Public, settings.Public), Rule(LimitPolicy.User, settings.User), null, Rule(LimitPolicy.Writes, settings.Writes),
            Rule(LimitPolicy.Exports, settings.Exports), Rule(LimitPolicy.Login, settings.Login), Rule(LimitPolicy.LoginEmail, settings.LoginEmail),
        ];
        _plans = settings.Plans;
        _planRules = new LimitRule?[_plans.Length];
        for (var i = 0; i < _plans.Length; i++)
            _planRules[i] = Rule(LimitPolicy.Key, _plans[i].Limit);
        LoginMore = this[LimitPolicy.LoginEmail] is { IsShadow: false } email ? ", " + email.Text : "";
    }

    public bool IsOn { get; }

    public AddressNetwork[] Exempt { get; }

    /// <summary>What is added to the policies of a login, since the body tells the email.</summary>
    public string LoginMore { get; }

    /// <summary>Null: it is off.</summary>
    public LimitRule? this[LimitPolicy policy] => _rules[(int)policy];

    /// <summary>There are a handful of plans. One that is not among them is the standard one, which always is.</summary>
    public LimitRule? OfPlan(string plan)
    {
        LimitRule? standard = null;
        for (var i = 0; i < _plans.Length; i++)
        {
            if (_plans[i].Name == plan)
                return _planRules[i];
            if (_plans[i].Name == LimitSettings.StandardPlan)
                standard = _planRules[i];
        }
        return standard;
    }

    public LimitRule? OfGroup(LimitGroup group) => group switch
    {
        LimitGroup.Writes => this[LimitPolicy.Writes],
        LimitGroup.Exports => this[LimitPolicy.Exports],
        LimitGroup.Login => this[LimitPolicy.Login],
        _ => null,
    };
}
