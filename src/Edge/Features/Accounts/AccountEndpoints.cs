using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Accounts;

/// <summary>Accounts and the sessions that they are used by.</summary>
internal sealed class AccountEndpoints(Database database, TimeProvider clock)
{
    const string Tag = "Accounts";

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/auth/session", Tag = Tag, Summary = "The session of the token, and its user", Access = Access.Session },
            AccountsJson.Default.SessionAnswer, Session);
        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/auth/logout", Tag = Tag, Summary = "Ends this session, everywhere and at once", Access = Access.Session },
            Logout);
    }

    async ValueTask<Answer<SessionAnswer>> Session(Call call) =>
        await AccountQueries.ById(database, call.SignedIn.UserId, call.Cancelled) is { } account
            ? new SessionAnswer(call.SignedIn.ExpiresAt, account)
            : Problem.Unauthorized("The account of this session is gone.");

    async ValueTask<Answer<NoContent>> Logout(Call call)
    {
        var key = call.SignedIn.SessionKey;
        await AccountQueries.Revoke(database, Convert.FromHexString(key), clock.GetUtcNow().UtcDateTime, call.Cancelled);
        return (Answer<NoContent>)NoContent.Value with { Changes = [new RowChange("sessions", "\\x" + key, Transaction: 0)] };
    }
}
