using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Http;

namespace Edge.Features.Orders;

/// <summary>
/// Places an order exactly once, without overselling and without deadlock. One transaction in three round trips, however many products:
/// what decides (1–3), what is written (5), the commit.
/// <para>
/// (1) Whoever holds the lock of (user, key) is the first. It is tried, not waited for: a second call with the key meanwhile is told 409 at once,
/// and holds no connection. The lock goes with the transaction, after what it wrote can be seen.
/// </para>
/// <para>
/// (2) An answer that was kept under the key is given again, byte for byte, if the same was asked for; 422 if not. The same is: the same products,
/// quantities and address, however the JSON was spelled or sorted.
/// </para>
/// <para>
/// (3) The products are locked, all in the order of their ids, so that no two orders wait for each other in a circle; what is read of them holds
/// until the commit. A call that (1) or (2) ends locks none: the same statement asks for both again.
/// </para>
/// <para>
/// (4) What cannot be sold is refused, and everything rolled back. A refusal is not kept: nothing was done that a second call would do twice, and
/// by then there may be stock.
/// </para>
/// <para>
/// (5) Stock, order, lines and the answer are written together. From the commit on, whoever asks again by the key gets that answer: also a client
/// that left between the commit and its answer. For its sake nothing is cancelled once its order has been read; the statements' timeouts bound it.
/// </para>
/// </summary>
internal sealed class OrderPlacement(Database database)
{
    /// <summary>The most that numeric(12,2) holds.</summary>
    const decimal TotalLimit = 9_999_999_999.99m;

    /// <summary>Keys deleted per order, at most: more than it adds, so that the table shrinks to what is 24 hours old.</summary>
    const int OutdatedLimit = 10;

    /// <param name="body">Checked: no product twice.</param>
    public ValueTask<Answer<Order>> Place(long userId, string key, NewOrder body) => database.InTransaction<Answer<Order>>(
        async (transaction, cancelled) =>
        {
            var answer = await Place(transaction, userId, key, body, cancelled);
            if (answer.Problem is not null)
                transaction.RollBack();
            return answer;
        },
        CancellationToken.None);

    static async ValueTask<Answer<Order>> Place(Transaction transaction, long userId, string key, NewOrder body, CancellationToken cancelled)
    {
        var wanted = body.Items.OrderBy(static item => item.ProductId).ToArray();
        var (ids, quantities) = (Array.ConvertAll(wanted, static item => item.ProductId), Array.ConvertAll(wanted, static item => item.Quantity));
        var bodyHash = HashOf(wanted, body.ShippingAddress);

        // (1), (2), (3)
        var (isFirst, kept, identity, products) = await OrderQueries.Begin(transaction, LockOf(userId, key), userId, key, ids, cancelled);
        if (!isFirst)
            return Problem.Conflict("An order with this Idempotency-Key is being placed. Ask again in a moment.");
        if (kept is not null)
            return kept.BodyHash.AsSpan().SequenceEqual(bodyHash)
                ? new Answer<Order> { Rendered = kept.Answer, Status = StatusCodes.Status201Created, Location = kept.Location, IsReplayed = true }
                : Problem.KeyReused;

        // (4)
        var byId = products.ToDictionary(static product => product.Id);
        if (Refusal(body.Items, byId) is { } refusal)
            return refusal;
        var lines = Array.ConvertAll(wanted, item => new OrderItem(item.ProductId, byId[item.ProductId].Name, item.Quantity, byId[item.ProductId].Price));
        var total = lines.Sum(static line => line.UnitPrice * line.Quantity);
        if (total > TotalLimit)
            return Problem.Invalid(new FieldError("items", "come to more than 9999999999.99 together"));

        // (5)
        var order = new Order(identity.Id, OrderStatus.Pending, total, body.ShippingAddress, identity.CreatedAt, identity.CreatedAt, lines);
        var rendered = JsonAnswer.Render(order, OrdersJson.Default.Order).ToArray();
        var location = string.Create(CultureInfo.InvariantCulture, $"/api/orders/{order.Id}");
        await OrderQueries.Write(
            transaction, order.Id, userId, ids, quantities, Array.ConvertAll(lines, static line => line.UnitPrice), total, body.ShippingAddress,
            identity.CreatedAt, key, bodyHash, location, rendered, OutdatedLimit, cancelled);
        // Here the job that confirms the order is written, in the same transaction: there is one if and only if there is the order.

        return new() { Rendered = rendered, Location = location, Changes = StockOf(ids) };
    }

    /// <summary>What tells those who show a product that its stock is another.</summary>
    public static RowChange[] StockOf(IEnumerable<long> productIds) =>
        [.. productIds.Select(static id => new RowChange("stock", id.ToString(CultureInfo.InvariantCulture), Number: 0))];

    static Problem? Refusal(NewOrderItem[] items, Dictionary<long, StockedProduct> products)
    {
        List<FieldError> unknown = [], lacking = [];
        for (var i = 0; i < items.Length; i++)
            if (!products.TryGetValue(items[i].ProductId, out var product))
                unknown.Add(new(FieldOf(i, "productId"), "is not the id of a product"));
            else if (product.Stock < items[i].Quantity)
                lacking.Add(new(FieldOf(i, "quantity"), string.Create(CultureInfo.InvariantCulture, $"is more than there is of product {product.Id} ({product.Name}): {product.Stock}")));
        if (unknown.Count > 0)
            return Problem.Invalid(unknown);
        return lacking.Count > 0 ? Problem.Conflict("There is not enough in stock; see errors for which products.") with { Errors = lacking } : null;
    }

    public static string FieldOf(int index, string member) => string.Create(CultureInfo.InvariantCulture, $"items[{index}].{member}");

    /// <summary>What was asked for, in one spelling. The items have no line break, so that nothing else reads the same.</summary>
    static byte[] HashOf(NewOrderItem[] sorted, string address)
    {
        var items = string.Join(' ', sorted.Select(static item => string.Create(CultureInfo.InvariantCulture, $"{item.Quantity}x{item.ProductId}")));
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{items}\n{address}"));
    }

    /// <summary>64 bits that nobody can aim at somebody else's lock, which a hash of Postgres's own would let them.</summary>
    static long LockOf(long userId, string key) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"order {userId} {key}"))));
}
