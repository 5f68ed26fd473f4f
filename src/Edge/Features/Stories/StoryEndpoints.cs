using System.Globalization;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Stories;

/// <summary>Short posts that vanish 24 hours after posting.</summary>
internal sealed class StoryEndpoints(Database database, TimeProvider clock)
{
    const string Tag = "Stories";

    public static readonly Parameter<long> Id = Parameters.PathId("The story's id.");

    public void Map(RouteTable routes)
    {
        routes.Get(
            new() { Path = "/api/stories", Tag = Tag, Summary = "Stories of the last 24 hours, newest first", Parameters = [Parameters.Limit, Parameters.Cursor], Example = ListExample, Cache = StoryCache.List },
            static () => StoriesJson.Default.PageStory, List);
        routes.Get(
            new() { Path = "/api/stories/{id}", Tag = Tag, Summary = "One story", Parameters = [Id], Problems = [404], Example = Example, Cache = StoryCache.Story },
            static () => StoriesJson.Default.Story, One);
        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/api/stories", Tag = Tag, Summary = "Posts a story", Access = Access.Session, Status = 201, Example = Example, BodyExample = BodyExample },
            static () => StoriesJson.Default.NewStory, static () => StoriesJson.Default.Story, Add);
        routes.Write(
            new() { Method = HttpMethods.Delete, Path = "/api/stories/{id}", Tag = Tag, Summary = "Deletes a story, by its author or an admin", Access = Access.Session, Parameters = [Id], Problems = [403, 404] },
            Delete);
    }

    internal async ValueTask<Answer<Page<Story>>> List(Call call)
    {
        var limit = call.Get(Parameters.Limit);
        var after = call.After ?? Cursor.Start;
        var rows = await StoryQueries.Newest(database, Now, after.Time, after.Id, limit + 1, call.Cancelled);
        // The last ends first.
        var endsAt = rows.Count > 0 ? rows[^1].ExpiresAt : (DateTime?)null;
        return (Answer<Page<Story>>)call.Page(rows, limit, static story => Cursor.At(story.ExpiresAt, story.Id)) with { EndsAt = endsAt };
    }

    internal async ValueTask<Answer<Story>> One(Call call) =>
        await StoryQueries.ById(database, call.Get(Id), Now, call.Cancelled) is { } story
            ? (Answer<Story>)story with { EndsAt = story.ExpiresAt }
            : Problem.NotFound("story");

    internal async ValueTask<Answer<Story>> Add(Call call, NewStory body)
    {
        var content = body.Content.Trim();
        if (new BodyCheck().Text(content, "content", 1, 1000).Problem is { } problem)
            return problem;
        var (_, made) = await StoryQueries.Insert(database, call.SignedIn.UserId, call.SignedIn.Username, content, Now, call.Cancelled);
        return (Answer<Story>)made with { Location = "/api/stories/" + Text(made.Id), Changes = Changed(made.Id) };
    }

    internal async ValueTask<Answer<NoContent>> Delete(Call call)
    {
        var (id, caller) = (call.Get(Id), call.SignedIn);
        if (await StoryQueries.Delete(database, id, caller.UserId, caller.Role == Role.Admin, Now, call.Cancelled) is not { } authorId)
            return Problem.NotFound("story");
        if (!caller.MayChange(authorId))
            return Problem.Forbidden("Only its author or an admin may do this.");
        return (Answer<NoContent>)NoContent.Value with { Changes = Changed(id) };
    }

    DateTime Now => clock.GetUtcNow().UtcDateTime;

    static RowChange[] Changed(long id) => [new("stories", Text(id), Number: 0)];

    static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    const string BodyExample = """{ "content": "First frost. The kettle is on." }""";

    const string Example = """
        {
          "id": 90211, "author": "ada_abbott", "content": "First frost. The kettle is on.",
          "createdAt": "2026-05-04T09:12:44.120391Z", "expiresAt": "2026-05-05T09:12:44.120391Z"
        }
        """;

    const string ListExample = """{ "items": [""" + Example + """], "nextCursor": null }""";
}
