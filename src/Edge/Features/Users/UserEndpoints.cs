using Edge.Data;
using Edge.Http;

namespace Edge.Features.Users;

/// <summary>People, as anyone may see them.</summary>
internal sealed class UserEndpoints(Database database)
{
    const string Tag = "Users";

    static readonly Parameter<long> Id = Parameters.PathId("The user's id.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/users", Tag = Tag, Summary = "Users, newest first", Parameters = [Parameters.Limit, Parameters.Cursor] },
            UsersJson.Default.PageListedUser, List);
        routes.Get(
            new() { Path = "/api/users/{id}", Tag = Tag, Summary = "One user's profile", Parameters = [Id], Problems = [404], Example = ProfileExample },
            UsersJson.Default.UserProfile, One);
    }

    internal async ValueTask<Answer<Page<ListedUser>>> List(Call call)
    {
        var limit = call.Get(Parameters.Limit);
        var after = call.After ?? Cursor.Start;
        var rows = await UserQueries.Newest(database, after.Time, after.Id, limit + 1, call.Cancelled);
        return call.Page(rows, limit, static user => Cursor.At(user.CreatedAt, user.Id));
    }

    internal async ValueTask<Answer<UserProfile>> One(Call call) =>
        await UserQueries.ById(database, call.Get(Id), call.Cancelled) is { } user ? user : Problem.NotFound("user");

    const string ProfileExample = """
        {
          "id": 73, "username": "ines_moreau", "displayName": "Ines Moreau", "bio": "Repairs bicycles, grows tomatoes.",
          "createdAt": "2025-11-02T18:20:11.502113Z", "updatedAt": "2025-11-02T18:20:11.502113Z"
        }
        """;
}
