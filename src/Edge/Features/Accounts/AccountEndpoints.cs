using System.Globalization;
using Edge.Core.Resilience;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>Accounts and the sessions that they are used by.</summary>
internal sealed class AccountEndpoints(Database database, HashLane lane, SessionRules sessions, TimeProvider clock)
{
    const string Tag = "Accounts";

    /// <summary>One text for every pair that is not right: which half is wrong is nobody's business.</summary>
    static readonly Problem WrongPair = Problem.Unauthorized("The email or the password is wrong.");

    public void Map(RouteTable routes)
    {
        routes.Write(
            new()
            {
                Method = HttpMethods.Post, Path = "/auth/register", Tag = Tag, Cost = 5, Criticality = Criticality.Critical, IsBoundedElsewhere = true, Problems = [409], Status = StatusCodes.Status201Created,
                Summary = "Makes an account, called by its username at first. A taken email or username is 409, which says which: whether an address has an account here can be asked this way",
                BodyExample = RegistrationExample, Example = AccountExample,
            },
            static () => AccountsJson.Default.Registration, static () => AccountsJson.Default.Account, Register);
        routes.Write(
            new()
            {
                Method = HttpMethods.Post, Path = "/auth/login", Tag = Tag, Limit = LimitGroup.Login, Criticality = Criticality.Critical, IsBoundedElsewhere = true, RoundTrips = 2, Problems = [401],
                Summary = "Begins a session: send its token as Authorization: Bearer … from then on. 503 with Retry-After where too many sign in at once",
                BodyExample = CredentialsExample, Example = LoginExample,
            },
            static () => AccountsJson.Default.Credentials, static () => AccountsJson.Default.LoginAnswer, Login);
        routes.Get(
            new() { Path = "/auth/session", Tag = Tag, Criticality = Criticality.Critical, Summary = "The session of the token, and its user", Access = Access.Session, Example = SessionExample },
            static () => AccountsJson.Default.SessionAnswer, Session);
        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/auth/logout", Tag = Tag, Criticality = Criticality.Critical, Summary = "Ends this session, everywhere and at once", Access = Access.Session },
            Logout);
    }

    /// <summary>One round trip. The unique indexes decide who was first; to ask them before would cost another, and decide nothing.</summary>
    async ValueTask<Answer<Account>> Register(Call call, Registration body)
    {
        var email = AccountRules.Normalized(body.Email);
        if (new BodyCheck().Email(email).Username(body.Username).Password(body.Password).Problem is { } invalid)
            return invalid;
        var hashed = await lane.Run(() => PasswordHashes.Of(body.Password), call.Cancelled);
        if (hashed.Problem is { } busy)
            return busy;
        try
        {
            var account = await AccountQueries.Insert(database, email, body.Username, Role.User, hashed.Value!, call.Cancelled);
            var id = account.Id.ToString(CultureInfo.InvariantCulture);
            return (Answer<Account>)account with
            {
                Status = StatusCodes.Status201Created, Location = "/api/users/" + id, Changes = [new RowChange("users", id, Number: 0)],
            };
        }
        catch (Exception failure) when (AccountQueries.Taken(failure) is { } field)
        {
            return Problem.Conflict($"This {field} is taken.");
        }
    }

    /// <summary>
    /// Two round trips. An address without an account, and an account without a password, take the same query and the same hash as any other;
    /// only who signs in gets beyond these.
    /// </summary>
    async ValueTask<Answer<LoginAnswer>> Login(Call call, Credentials body)
    {
        var check = new BodyCheck().Text(body.Email, "email", 1, AccountRules.EmailChars)
            .That(body.Password.Length is >= 1 and <= AccountRules.PasswordMaxChars, "password", "must be 1 to 128 characters");
        if (check.Problem is { } invalid)
            return invalid;
        if (lane.IsFull)
            return await lane.Refuse(call.Cancelled);

        var email = AccountRules.Normalized(body.Email);
        if (await call.AdmitLogin(email) is { } reached)
            return reached;
        var row = await AccountQueries.ByEmail(database, email, call.Cancelled);
        var verified = await lane.Run(() => PasswordHashes.Check(row?.PasswordHash, body.Password), call.Cancelled);
        if (verified.Problem is { } busy)
            return busy;
        if (row is null || !verified.Value.IsRight)
            return WrongPair;

        var (token, hash) = SessionStore.NewToken();
        var now = clock.GetUtcNow().UtcDateTime;
        var until = now + sessions.Lifetime;
        await AccountQueries.Begin(database, hash, row.Id, now, until, verified.Value.Rehashed, row.PasswordHash, call.Cancelled);
        return new LoginAnswer(token, until, row.Account);
    }

    async ValueTask<Answer<SessionAnswer>> Session(Call call) =>
        await AccountQueries.ById(database, call.SignedIn.UserId, call.Cancelled) is { } account
            ? new SessionAnswer(call.SignedIn.ExpiresAt, account)
            : Problem.Unauthorized("The account of this session is gone.");

    async ValueTask<Answer<NoContent>> Logout(Call call)
    {
        var key = call.SignedIn.SessionKey;
        await AccountQueries.Revoke(database, Convert.FromHexString(key), clock.GetUtcNow().UtcDateTime, call.Cancelled);
        return (Answer<NoContent>)NoContent.Value with { Changes = [new RowChange("sessions", "\\x" + key, Number: 0)] };
    }

    const string RegistrationExample = """{ "email": "ines@example.com", "username": "ines_moreau", "password": "grows tomatoes on the roof" }""";

    const string CredentialsExample = """{ "email": "ines@example.com", "password": "grows tomatoes on the roof" }""";

    const string AccountExample = """
        { "id": 73, "email": "ines@example.com", "username": "ines_moreau", "displayName": "ines_moreau", "role": "user", "createdAt": "2025-11-02T18:20:11.502113Z" }
        """;

    const string SessionExample = $$"""{ "expiresAt": "2025-12-02T18:20:14.118402Z", "user": {{AccountExample}} }""";

    const string LoginExample = $$"""
        { "token": "bW9zdCBvZiB0aGVzZSBhcmUgbm90IEVuZ2xpc2ggdGU", "expiresAt": "2025-12-02T18:20:14.118402Z", "user": {{AccountExample}} }
        """;
}
