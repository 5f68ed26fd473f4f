using System.Globalization;
using Edge.Http;

namespace Edge.Features.Users;

/// <summary>How long people's public answers live, and what makes them invalid.</summary>
internal static class UserCache
{
    /// <summary>Everything that shows more than one person.</summary>
    public const string Lists = "users";

    /// <summary>Every answer that shows just one.</summary>
    public const string Each = "user";

    public static string One(string id) => "user:" + id;

    public static readonly ChangeRule[] Changes = [new("users", static change => [change.Key is { } id ? One(id) : Each, Lists])];

    public static readonly CacheRule Profile = new(
        new() { Name = "users.one", DurationMs = 60_000 },
        static call => [One(call.Get(UserEndpoints.Id).ToString(CultureInfo.InvariantCulture)), Each]);

    public static readonly CacheRule List = CacheRule.Tagged(new() { Name = "users.list", DurationMs = 60_000 }, Lists) with { IsWarmed = true, IsForAnonymous = true };
}
