using Edge.Data;

namespace Edge.Features.Orders;

internal sealed record OrderRow(long Id, OrderStatus Status, decimal Total, string ShippingAddress, DateTime CreatedAt, DateTime UpdatedAt)
{
    public Order With(IReadOnlyList<OrderItem> items) => new(Id, Status, Total, ShippingAddress, CreatedAt, UpdatedAt, items);
}

/// <summary>What an order will be called, and when it is: known before it is written, so that all of it can be written at once.</summary>
internal sealed record OrderIdentity(long Id, DateTime CreatedAt);

internal sealed record StockedProduct(long Id, string Name, decimal Price, int Stock);

internal sealed record KeptAnswer(byte[] BodyHash, string Location, byte[] Answer);

internal static partial class OrderQueries
{
    /// <summary>Everything that an order is decided by (<see cref="OrderPlacement"/>, 1 to 3), in one round trip.</summary>
    [Sql("""
        select pg_try_advisory_xact_lock(@lockId);
        select body_hash, location, answer
        from idempotency_keys
        where user_id = @userId and key = @key and created_at > now() - interval '24 hours';
        select nextval(pg_get_serial_sequence('orders', 'id')) as id, now() as created_at;
        select id, name, price, stock
        from products
        where id = any(@productIds) and archived_at is null
          and (select pg_try_advisory_xact_lock(@lockId))
          and not exists (select from idempotency_keys where user_id = @userId and key = @key and created_at > now() - interval '24 hours')
        order by id
        for no key update
        """)]
    public static partial ValueTask<(bool IsFirst, KeptAnswer? Kept, OrderIdentity Identity, List<StockedProduct> Products)> Begin(
        Transaction transaction, long lockId, long userId, string key, long[] productIds, CancellationToken cancelled);

    /// <summary>Everything that an order is (<see cref="OrderPlacement"/>, 5), in one round trip.</summary>
    /// <param name="outdated">Most keys that are deleted since they are older than 24 hours.</param>
    [Sql("""
        update products p set stock = p.stock - w.quantity
        from unnest(@productIds::bigint[], @quantities::integer[]) as w (product_id, quantity)
        where p.id = w.product_id;
        insert into orders (id, user_id, total, shipping_address, created_at, updated_at)
        values (@orderId, @userId, @total, @address, @createdAt, @createdAt);
        insert into order_items (order_id, product_id, quantity, unit_price, ordered_at)
        select @orderId, w.product_id, w.quantity, w.price, @createdAt
        from unnest(@productIds::bigint[], @quantities::integer[], @prices::numeric[]) as w (product_id, quantity, price);
        insert into idempotency_keys (user_id, key, body_hash, status, location, answer)
        values (@userId, @key, @bodyHash, 201, @location, @answer)
        on conflict (user_id, key) do update
        set body_hash = excluded.body_hash, location = excluded.location, answer = excluded.answer, created_at = excluded.created_at;
        delete from idempotency_keys
        where ctid = any(array(
            select ctid from idempotency_keys where created_at < now() - interval '24 hours' order by created_at limit @outdated for update skip locked))
        """)]
    public static partial ValueTask Write(
        Transaction transaction, long orderId, long userId, long[] productIds, int[] quantities, decimal[] prices, decimal total, string address,
        DateTime createdAt, string key, byte[] bodyHash, string location, byte[] answer, int outdated, CancellationToken cancelled);

    [Sql("""
        select id, status, total, created_at, updated_at
        from orders
        where user_id = @userId
          and (@status is null or status = @status)
          and (created_at, id) < (@afterTime, @afterId)
        order by created_at desc, id desc
        limit @rows
        """)]
    public static partial ValueTask<List<ListedOrder>> Newest(
        Database database, long userId, string? status, DateTime afterTime, long afterId, int rows, CancellationToken cancelled);

    [Sql("""
        select id, status, total, shipping_address, created_at, updated_at from orders where id = @id and user_id = @userId;
        select i.product_id, p.name, i.quantity, i.unit_price
        from order_items i
        join products p on p.id = i.product_id
        where i.order_id = (select id from orders where id = @id and user_id = @userId)
        order by i.product_id
        """)]
    public static partial ValueTask<(OrderRow? Order, List<OrderItem> Items)> ById(Database database, long id, long userId, CancellationToken cancelled);

    /// <summary>The order, where there is one, and whether it was this call that cancelled it. What that entails is done by 0005_orders.sql.</summary>
    [Sql("""
        update orders set status = 'cancelled', updated_at = now() where id = @id and user_id = @userId and status = 'pending';
        select id, status, total, shipping_address, created_at, updated_at from orders where id = @id and user_id = @userId;
        select i.product_id, p.name, i.quantity, i.unit_price
        from order_items i
        join products p on p.id = i.product_id
        where i.order_id = (select id from orders where id = @id and user_id = @userId)
        order by i.product_id
        """)]
    public static partial ValueTask<(int Cancelled, OrderRow? Order, List<OrderItem> Items)> Cancel(
        Database database, long id, long userId, CancellationToken cancelled);
}
