using System.Text.Json.Serialization;

namespace Edge.Http;

/// <summary>Who may call an operation.</summary>
internal enum Access
{
    /// <summary>One answer for all: a session is not even looked at.</summary>
    Anyone,

    /// <summary>Without a session the public answer, from the cache; with one its own, which is never kept.</summary>
    OptionalSession,

    /// <summary>Whoever has a session.</summary>
    Session,

    /// <summary>A session of an author or an admin.</summary>
    Author,

    /// <summary>A session of an admin.</summary>
    Admin,

    /// <summary>Whoever runs the service: takes the admin token (ADMIN_TOKEN), no session.</summary>
    Operator,
}

/// <summary>Each may do what those before it may.</summary>
internal enum Role
{
    [JsonStringEnumMemberName("user")]
    User,

    [JsonStringEnumMemberName("author")]
    Author,

    [JsonStringEnumMemberName("admin")]
    Admin,
}

/// <summary>Who calls, by a session that holds.</summary>
/// <param name="SessionKey">SHA-256 of the session's token in lower-case hexadecimal.</param>
internal sealed record Caller(string SessionKey, long UserId, string Username, Role Role, DateTime ExpiresAt)
{
    /// <summary>Whether this may be changed by the caller: its own, or anybody's where the caller is an admin.</summary>
    public bool MayChange(long ownerId) => Role == Role.Admin || UserId == ownerId;
}

/// <summary>Who has which session. Asked by every request that sends a token, so that an answer is best in memory.</summary>
internal interface ISessions
{
    /// <summary>False: only a lookup can tell.</summary>
    /// <param name="token">As the client sent it: anything.</param>
    /// <param name="caller">Null: there is no such session, or it has ended.</param>
    bool TryFind(string token, out Caller? caller);

    /// <summary>Asks whoever has to be asked. Null: there is no such session, or it has ended.</summary>
    /// <param name="token">As the client sent it: anything.</param>
    ValueTask<Caller?> Find(string token, CancellationToken cancelled);
}
