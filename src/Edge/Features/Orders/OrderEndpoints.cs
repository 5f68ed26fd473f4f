using Edge.Data;
using Edge.Http;

namespace Edge.Features.Orders;

/// <summary>Each person's own orders. None of these answers is kept anywhere; somebody else's order is as if there were none.</summary>
internal sealed class OrderEndpoints(Database database)
{
    const string Tag = "Orders";
    const int ItemLimit = 50;
    const int QuantityLimit = 1000;

    static readonly Parameter<long> Id = Parameters.PathId("The order's id.");

    static readonly Parameter<string> Key = Parameters.Header(
        "Idempotency-Key", 255, "Made up by the client for this order, at random. Sent again with the same body within 24 hours, it gets the same answer, and places no second order.");

    static readonly Parameter<string?> Status = Parameters.OneOf(
        "status", ["pending", "paid", "shipped", "delivered", "cancelled"], fallback: null, "Only orders in this state.");

    readonly OrderPlacement _placement = new(database);

    public void Map(RouteTable routes)
    {
        routes.Write(
            new()
            {
                Method = HttpMethods.Post, Path = "/api/orders", Tag = Tag, RoundTrips = 3, Summary = "Places an order; 409 names the products of which there are too few", Parameters = [Key],
                Access = Access.Session, Status = StatusCodes.Status201Created, Problems = [409, 422], Example = Example, BodyExample = NewExample,
            },
            static () => OrdersJson.Default.NewOrder, static () => OrdersJson.Default.Order, Place);
        routes.Get(
            new() { Path = "/api/orders", Tag = Tag, Summary = "One's own orders, newest first", Parameters = [Status, Parameters.Limit, Parameters.Cursor], Access = Access.Session, Example = ListExample },
            static () => OrdersJson.Default.PageListedOrder, List);
        routes.Get(
            new() { Path = "/api/orders/{id}", Tag = Tag, Summary = "One of one's own orders", Parameters = [Id], Access = Access.Session, Problems = [404], Example = Example },
            static () => OrdersJson.Default.Order, One);
        routes.Write(
            new() { Method = HttpMethods.Post, Path = "/api/orders/{id}/cancel", Tag = Tag, Summary = "Cancels an order that is still pending; its stock is back", Parameters = [Id], Access = Access.Session, Problems = [404, 409], Example = CancelledExample },
            static () => OrdersJson.Default.Order, Cancel);
    }

    /// <summary>Three round trips.</summary>
    async ValueTask<Answer<Order>> Place(Call call, NewOrder body) =>
        Check(body) is { } mistakes ? mistakes : await _placement.Place(call.SignedIn.UserId, call.Get(Key), body);

    /// <summary>One round trip.</summary>
    async ValueTask<Answer<Page<ListedOrder>>> List(Call call)
    {
        var (limit, status) = (call.Get(Parameters.Limit), call.Get(Status));
        var after = call.After ?? Cursor.Start;
        var rows = await OrderQueries.Newest(database, call.SignedIn.UserId, status, after.Time, after.Id, limit + 1, call.Cancelled);
        return call.Page(rows, limit, static order => Cursor.At(order.CreatedAt, order.Id));
    }

    /// <summary>One round trip.</summary>
    async ValueTask<Answer<Order>> One(Call call)
    {
        var (order, items) = await OrderQueries.ById(database, call.Get(Id), call.SignedIn.UserId, call.Cancelled);
        return order is null ? Problem.NotFound("order") : order.With(items);
    }

    /// <summary>One round trip, which is one transaction. Of several at once the row lets one through; the others are told what it has become.</summary>
    async ValueTask<Answer<Order>> Cancel(Call call)
    {
        var (cancelled, order, items) = await OrderQueries.Cancel(database, call.Get(Id), call.SignedIn.UserId, call.Cancelled);
        if (order is null)
            return Problem.NotFound("order");
        if (cancelled == 0)
            return Problem.Conflict("The order is not pending any more, and only then can it be cancelled.");
        return (Answer<Order>)order.With(items) with { Changes = OrderPlacement.StockOf(items.Select(static item => item.ProductId)) };
    }

    static Problem? Check(NewOrder body)
    {
        var check = new BodyCheck().Text(body.ShippingAddress, "shippingAddress", 5, 500)
            .That(body.Items.Length is >= 1 and <= ItemLimit, "items", "must be 1 to 50 products");
        var seen = new Dictionary<long, int>();
        for (var i = 0; i < Math.Min(body.Items.Length, ItemLimit); i++)
        {
            // A null in an array is not seen by the serializer.
            if (body.Items[i] is not { } item)
            {
                check.That(false, $"items[{i}]", "must be an object");
                continue;
            }
            var field = OrderPlacement.FieldOf(i, "productId");
            check.That(item.ProductId > 0, field, "must be a whole number from 1")
                .That(item.Quantity is >= 1 and <= QuantityLimit, OrderPlacement.FieldOf(i, "quantity"), "must be a whole number from 1 to 1000")
                .That(seen.TryAdd(item.ProductId, i), field, "is in the order already; say how many of it in one place");
        }
        return check.Problem;
    }

    const string NewExample = """{ "items": [{ "productId": 4211, "quantity": 2 }, { "productId": 87, "quantity": 1 }], "shippingAddress": "12 Rue des Tanneurs, 59000 Lille" }""";

    const string Example = """
        {
          "id": 91822, "status": "pending", "total": 94.30, "shippingAddress": "12 Rue des Tanneurs, 59000 Lille",
          "createdAt": "2026-05-04T09:12:44.120391Z", "updatedAt": "2026-05-04T09:12:44.120391Z",
          "items": [
            { "productId": 87, "name": "Walnut pepper mill", "quantity": 1, "unitPrice": 14.50 },
            { "productId": 4211, "name": "Enamel pour-over kettle", "quantity": 2, "unitPrice": 39.90 }
          ]
        }
        """;

    const string CancelledExample = """
        {
          "id": 91822, "status": "cancelled", "total": 14.50, "shippingAddress": "12 Rue des Tanneurs, 59000 Lille",
          "createdAt": "2026-05-04T09:12:44.120391Z", "updatedAt": "2026-05-04T09:20:02.881204Z",
          "items": [{ "productId": 87, "name": "Walnut pepper mill", "quantity": 1, "unitPrice": 14.50 }]
        }
        """;

    const string ListExample = """
        {
          "items": [{ "id": 91822, "status": "pending", "total": 94.30, "createdAt": "2026-05-04T09:12:44.120391Z", "updatedAt": "2026-05-04T09:12:44.120391Z" }],
          "nextCursor": null
        }
        """;
}
