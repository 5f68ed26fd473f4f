using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Orders;

/// <summary>As in 0005_orders.sql, which says what may follow what.</summary>
internal enum OrderStatus
{
    [JsonStringEnumMemberName("pending")]
    Pending,

    [JsonStringEnumMemberName("paid")]
    Paid,

    [JsonStringEnumMemberName("shipped")]
    Shipped,

    [JsonStringEnumMemberName("delivered")]
    Delivered,

    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

internal sealed record NewOrder(NewOrderItem[] Items, string ShippingAddress);

internal sealed record NewOrderItem(long ProductId, int Quantity);

internal sealed record ListedOrder(long Id, OrderStatus Status, decimal Total, DateTime CreatedAt, DateTime UpdatedAt);

/// <param name="Name">As the product is called now.</param>
/// <param name="UnitPrice">As it was when it was ordered.</param>
internal sealed record OrderItem(long ProductId, string Name, int Quantity, decimal UnitPrice);

internal sealed record Order(
    long Id, OrderStatus Status, decimal Total, string ShippingAddress, DateTime CreatedAt, DateTime UpdatedAt, IReadOnlyList<OrderItem> Items);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Page<ListedOrder>))]
internal sealed partial class OrdersJson : JsonSerializerContext;
