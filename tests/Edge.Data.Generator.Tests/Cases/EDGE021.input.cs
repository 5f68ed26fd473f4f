using Edge.Data;

namespace Shop;

public enum OrderStatus
{
    Pending,
    InProgress,
    In_Progress,
    // Another name of the same value is no second member.
    Waiting = Pending,
    pending = Pending,
}

public sealed record Order(long Id, OrderStatus Status, OrderStatus? Before);

internal static partial class OrderQueries
{
    [Sql("select id, status, before from orders where status = any(@statuses)")]
    public static partial ValueTask<List<Order>> Read(Database database, OrderStatus[] statuses, CancellationToken cancel);

    [Sql("update orders set status = @status where id = @id")]
    public static partial ValueTask Write(Database database, long id, OrderStatus? status, CancellationToken cancel);

    [Sql("select status from orders where id = @id")]
    public static partial ValueTask<OrderStatus> Scalar(Database database, long id, CancellationToken cancel);
}
