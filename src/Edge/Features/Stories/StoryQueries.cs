using Edge.Data;

namespace Edge.Features.Stories;

/// <summary>All live for as long, so that the order of their ends is that of their beginnings: one index finds what lives and sorts it.</summary>
internal static partial class StoryQueries
{
    [Sql("""
        select s.id, u.username as author, s.content, s.created_at, s.expires_at
        from stories s
        join users u on u.id = s.author_id
        where s.expires_at > @now
          and (s.expires_at, s.id) < (@afterTime, @afterId)
        order by s.expires_at desc, s.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<Story>> Newest(
        Database database, DateTime now, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select s.id, u.username as author, s.content, s.created_at, s.expires_at
        from stories s
        join users u on u.id = s.author_id
        where s.id = @id and s.expires_at > @now
        """, Pipelined = true)]
    public static partial ValueTask<Story?> ById(Database database, long id, DateTime now, CancellationToken cancelled);

    /// <summary>Whoever posts one story clears away up to a hundred that have ended, so that the table never holds many.</summary>
    [Sql("""
        delete from stories
        where ctid = any (array(select ctid from stories where expires_at <= @now order by expires_at limit 100 for update skip locked));
        insert into stories (author_id, content) values (@authorId, @content)
        returning id, @author as author, content, created_at, expires_at
        """)]
    public static partial ValueTask<(int Cleared, Story Made)> Insert(
        Database database, long authorId, string author, string content, DateTime now, CancellationToken cancelled);

    /// <summary>The author of the story that there was, deleted or not; null: there was none.</summary>
    [Sql("""
        with gone as (
            delete from stories where id = @id and expires_at > @now and (author_id = @callerId or @isAdmin) returning id
        )
        select author_id from stories where id = @id and expires_at > @now
        """)]
    public static partial ValueTask<long?> Delete(Database database, long id, long callerId, bool isAdmin, DateTime now, CancellationToken cancelled);
}
