using Edge.Data;

namespace Edge.Features.Products;

internal static partial class ProductQueries
{
    [Sql("""
        select p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at
        from products p
        join categories c on c.id = p.category_id
        where p.id = @id and p.archived_at is null
        """, Pipelined = true)]
    public static partial ValueTask<Product?> ById(Database database, long id, CancellationToken cancelled);

    [Sql("""
        select p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at
        from products p
        join categories c on c.id = p.category_id
        where p.archived_at is null
          and (p.created_at, p.id) < (@afterTime, @afterId)
        order by p.created_at desc, p.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<Product>> Newest(
        Database database, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select p.id, p.name, p.description, p.price, p.stock, @category as category, p.created_at, p.updated_at
        from products p
        where p.archived_at is null
          and p.category_id = (select id from categories where slug = @category)
          and (p.created_at, p.id) < (@afterTime, @afterId)
        order by p.created_at desc, p.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<Product>> NewestInCategory(
        Database database, string category, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    /// <summary>
    /// Full text: all words of the text, stemmed; quotes, <c>or</c> and <c>-word</c> as in a web search. A text that names nothing to look for
    /// (<c>-word</c> alone, <c>word or -other</c>) finds nothing: all products but a few match it, no index tells which, and each would be ranked.
    /// The querytree, what an index can be asked for, is T then.
    /// </summary>
    [Sql("""
        select p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at,
               ts_rank(p.search, query) as rank
        from websearch_to_tsquery('english', @text) as query, products p
        join categories c on c.id = p.category_id
        where p.search @@ query and querytree(query) <> 'T' and p.archived_at is null
          and (@category is null or c.slug = @category)
          and (ts_rank(p.search, query), p.id) < (@afterRank, @afterId)
        order by rank desc, p.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<FoundProduct>> Matching(
        Database database, string text, string? category, float afterRank, long afterId, int rows, CancellationToken cancelled);

    /// <summary>
    /// Trigrams: names that hold something spelled like the text. The index finds those above pg_trgm's threshold. Trigrams know no minus: a text
    /// for which <see cref="Matching"/> finds nothing since it only says what is not wanted would find just that here.
    /// </summary>
    [Sql("""
        select p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at,
               word_similarity(@text, p.name) as rank
        from products p
        join categories c on c.id = p.category_id
        where @text <% p.name and querytree(websearch_to_tsquery('english', @text)) <> 'T' and p.archived_at is null
          and (@category is null or c.slug = @category)
          and (word_similarity(@text, p.name), p.id) < (@afterRank, @afterId)
        order by rank desc, p.id desc
        limit @rows
        """)]
    public static partial ValueTask<List<FoundProduct>> SpelledLike(
        Database database, string text, string? category, float afterRank, long afterId, int rows, CancellationToken cancelled);

    [Sql("select id as product_id, bought from popular_products()")]
    public static partial ValueTask<List<BestSeller>> MostBought(Database database, CancellationToken cancelled);

    [Sql("""
        select p.id, p.name, p.price, p.stock, c.slug as category, s.bought
        from unnest(@ids::bigint[], @bought::bigint[]) as s (id, bought)
        join products p on p.id = s.id and p.archived_at is null
        join categories c on c.id = p.category_id
        order by s.bought desc, p.id
        """)]
    public static partial ValueTask<List<PopularProduct>> Ranked(Database database, long[] ids, long[] bought, CancellationToken cancelled);

    /// <summary>
    /// Ordered by growth with five pieces added to both weeks, so that two sales after one do not outrun a real trend.
    /// </summary>
    [Sql("""
        with sold as (
            select product_id,
                   sum(quantity) filter (where ordered_at >= now() - interval '7 days') as this_week,
                   sum(quantity) filter (where ordered_at < now() - interval '7 days') as last_week
            from order_items
            where not cancelled and ordered_at >= now() - interval '14 days'
            group by product_id
        ), weeks as (
            select p.category_id, coalesce(sum(s.this_week), 0)::bigint as this_week, coalesce(sum(s.last_week), 0)::bigint as last_week
            from sold s
            join products p on p.id = s.product_id
            group by p.category_id
        )
        select c.slug, c.name, w.this_week, w.last_week,
               round(w.this_week::numeric / nullif(w.last_week, 0) - 1, 4)::double precision as growth
        from weeks w
        join categories c on c.id = w.category_id
        order by (w.this_week + 5)::double precision / (w.last_week + 5) desc, c.slug
        limit @rows
        """)]
    public static partial ValueTask<List<TrendingCategory>> Trending(Database database, int rows, CancellationToken cancelled);

    /// <summary>None: there is no such category.</summary>
    [Sql("""
        insert into products (category_id, name, description, price, stock)
        select c.id, @name, @description, @price, @stock from categories c where c.slug = @category
        returning id, name, description, price, stock, @category as category, created_at, updated_at
        """)]
    public static partial ValueTask<Product?> Insert(
        Database database, string name, string description, decimal price, int stock, string category, CancellationToken cancelled);

    /// <summary>The product, which nobody else changes until the end of the transaction, and the id of the category that it may move to.</summary>
    [Sql("""
        select p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at
        from products p
        join categories c on c.id = p.category_id
        where p.id = @id and p.archived_at is null
        for no key update of p;
        select id from categories where slug = @category
        """)]
    public static partial ValueTask<(Product? Product, int? Category)> Locked(Transaction transaction, long id, string? category, CancellationToken cancelled);

    /// <summary>Null leaves a column as it is.</summary>
    [Sql("""
        update products p
        set name = coalesce(@name, p.name), description = coalesce(@description, p.description), price = coalesce(@price, p.price),
            stock = coalesce(@stock, p.stock), category_id = coalesce(@categoryId, p.category_id), updated_at = now()
        from categories c
        where p.id = @id and c.id = coalesce(@categoryId, p.category_id)
        returning p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at
        """)]
    public static partial ValueTask<Product> Update(
        Transaction transaction, long id, string? name, string? description, decimal? price, int? stock, int? categoryId, CancellationToken cancelled);

    [Sql("update products set archived_at = now(), updated_at = now() where id = @id")]
    public static partial ValueTask<int> Archive(Transaction transaction, long id, CancellationToken cancelled);
}
