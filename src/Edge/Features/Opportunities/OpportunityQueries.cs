using Edge.Data;

namespace Edge.Features.Opportunities;

internal static partial class OpportunityQueries
{
    [Sql("""
        select o.id, o.kind, o.title, o.tags, o.latitude, o.longitude, u.username as author, o.closes_at, o.created_at
        from opportunities o
        join users u on u.id = o.author_id
        where o.closes_at > @now
          and (o.created_at, o.id) < (@afterTime, @afterId)
        order by o.created_at desc, o.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedOpportunity>> Newest(
        Database database, DateTime now, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select o.id, o.kind, o.title, o.tags, o.latitude, o.longitude, u.username as author, o.closes_at, o.created_at
        from opportunities o
        join users u on u.id = o.author_id
        where o.kind = @kind
          and o.closes_at > @now
          and (o.created_at, o.id) < (@afterTime, @afterId)
        order by o.created_at desc, o.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedOpportunity>> NewestOfKind(
        Database database, string kind, DateTime now, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    /// <summary>The GIN index finds those with the tag; the kind, where one is asked for, is a filter on them.</summary>
    [Sql("""
        select o.id, o.kind, o.title, o.tags, o.latitude, o.longitude, u.username as author, o.closes_at, o.created_at
        from opportunities o
        join users u on u.id = o.author_id
        where o.tags @> array[@tag]
          and (@kind is null or o.kind = @kind)
          and o.closes_at > @now
          and (o.created_at, o.id) < (@afterTime, @afterId)
        order by o.created_at desc, o.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedOpportunity>> NewestWithTag(
        Database database, string tag, string? kind, DateTime now, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select o.id, o.kind, o.title, o.description, o.tags, o.latitude, o.longitude, u.username as author, o.closes_at, o.created_at, o.updated_at, o.author_id
        from opportunities o
        join users u on u.id = o.author_id
        where o.id = @id and o.closes_at > @now
        """, Pipelined = true)]
    public static partial ValueTask<Opportunity?> ById(Database database, long id, DateTime now, CancellationToken cancelled);

    /// <summary>Nobody else changes it before the transaction ends. A closed one too: its author may open it again.</summary>
    [Sql("""
        select o.id, o.kind, o.title, o.description, o.tags, o.latitude, o.longitude, u.username as author, o.closes_at, o.created_at, o.updated_at, o.author_id
        from opportunities o
        join users u on u.id = o.author_id
        where o.id = @id
        for no key update of o
        """)]
    public static partial ValueTask<Opportunity?> Lock(Transaction transaction, long id, CancellationToken cancelled);

    /// <summary>Made by the clock that the closing was checked with: the table wants the one after the other.</summary>
    [Sql("""
        insert into opportunities (author_id, kind, title, description, tags, latitude, longitude, closes_at, created_at, updated_at)
        values (@authorId, @kind, @title, @description, @tags, @latitude, @longitude, @closesAt, @now, @now)
        returning id, kind, title, description, tags, latitude, longitude, @author as author, closes_at, created_at, updated_at, author_id
        """)]
    public static partial ValueTask<Opportunity> Insert(
        Database database, long authorId, string author, OpportunityKind kind, string title, string description, string[] tags, double latitude, double longitude,
        DateTime closesAt, DateTime now, CancellationToken cancelled);

    [Sql("""
        update opportunities
        set kind = @kind, title = @title, description = @description, tags = @tags, latitude = @latitude, longitude = @longitude, closes_at = @closesAt,
            updated_at = @now
        where id = @id
        returning id, kind, title, description, tags, latitude, longitude, @author as author, closes_at, created_at, updated_at, author_id
        """)]
    public static partial ValueTask<Opportunity> Replace(
        Transaction transaction, long id, string author, OpportunityKind kind, string title, string description, string[] tags, double latitude, double longitude,
        DateTime closesAt, DateTime now, CancellationToken cancelled);

    [Sql("delete from opportunities where id = @id")]
    public static partial ValueTask<int> Delete(Transaction transaction, long id, CancellationToken cancelled);
}
