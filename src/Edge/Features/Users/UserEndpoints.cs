using System.Globalization;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Users;

/// <summary>People, as anyone may see them.</summary>
internal sealed class UserEndpoints(Database database)
{
    const string Tag = "Users";

    public static readonly Parameter<long> Id = Parameters.PathId("The user's id.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new()
            {
                Path = "/api/users", Tag = Tag, Summary = "Users, newest first; with their email for admins", Parameters = [Parameters.Limit, Parameters.Cursor],
                Access = Access.OptionalSession, Example = ListExample, Cache = UserCache.List,
            },
            static () => UsersJson.Default.PageListedUser, List);
        routes.Get(
            new() { Path = "/api/users/{id}", Tag = Tag, Summary = "One user's profile", Parameters = [Id], Problems = [404], Example = ProfileExample, Cache = UserCache.Profile },
            static () => UsersJson.Default.UserProfile, One);
        routes.Write(
            new()
            {
                Method = HttpMethods.Patch, Path = "/api/users/{id}", Tag = Tag, RoundTrips = 3, Access = Access.Session, Parameters = [Id], Problems = [403, 404, 412],
                Summary = "Changes one's own profile (admins: any); what is left out or null stays. If-Match with the ETag of the GET keeps two changes from undoing each other",
                BodyExample = ChangeExample, Example = ProfileExample,
            },
            static () => UsersJson.Default.ProfileChange, static () => UsersJson.Default.UserProfile, Change);
    }

    internal async ValueTask<Answer<Page<ListedUser>>> List(Call call)
    {
        var limit = call.Get(Parameters.Limit);
        var after = call.After ?? Cursor.Start;
        var rows = await UserQueries.Newest(database, after.Time, after.Id, limit + 1, call.Caller is { Role: Role.Admin }, call.Cancelled);
        return call.Page(rows, limit, static user => Cursor.At(user.CreatedAt, user.Id));
    }

    // With the gateway comes `profile`, from the upstream profile service: it joins the answer here, as what is known last or null, and is named in
    // `degraded` where the service did not answer. Until there is one the member is absent. (If-Match compares what this returns: Change below too.)
    internal async ValueTask<Answer<UserProfile>> One(Call call) =>
        await UserQueries.ById(database, call.Get(Id), call.Cancelled) is { } user ? user : Problem.NotFound("user");

    /// <summary>Three round trips: read and locked, changed, committed. Whose profile it is not is told so before it is looked for.</summary>
    async ValueTask<Answer<UserProfile>> Change(Call call, ProfileChange body)
    {
        var id = call.Get(Id);
        if (!call.SignedIn.MayChange(id))
            return Problem.Forbidden("Only its owner and admins may change a profile.");
        var displayName = body.DisplayName?.Trim();
        var check = new BodyCheck()
            .That(body is not { DisplayName: null, Bio: null }, "body", "must have displayName, bio, or both")
            .Text(displayName, "displayName", 1, 80)
            .That(displayName is null || !displayName.AsSpan().ContainsAny('\n', '\r', '\t'), "displayName", "must be one line")
            .Text(body.Bio, "bio", 0, 500);
        if (check.Problem is { } invalid)
            return invalid;

        var changed = await database.InTransaction<Answer<UserProfile>>(
            async (transaction, cancelled) =>
            {
                if (await UserQueries.Locked(transaction, id, cancelled) is not { } user)
                    return Problem.NotFound("user");
                return call.Allows(user, UsersJson.Default.UserProfile)
                    ? await UserQueries.Change(transaction, id, displayName, body.Bio, cancelled)
                    : Problem.PreconditionFailed;
            },
            call.Cancelled);
        return changed.Problem is null ? changed with { Changes = [new RowChange("users", id.ToString(CultureInfo.InvariantCulture), Number: 0)] } : changed;
    }

    const string ListExample = """{ "items": [{ "id": 73, "username": "ines_moreau", "createdAt": "2025-11-02T18:20:11.502113Z" }], "nextCursor": null }""";

    const string ChangeExample = """{ "displayName": "Ines Moreau", "bio": "Repairs bicycles, grows tomatoes." }""";

    const string ProfileExample = """
        {
          "id": 73, "username": "ines_moreau", "displayName": "Ines Moreau", "bio": "Repairs bicycles, grows tomatoes.",
          "createdAt": "2025-11-02T18:20:11.502113Z", "updatedAt": "2025-11-02T18:20:11.502113Z"
        }
        """;
}
