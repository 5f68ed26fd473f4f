using System.Buffers;
using System.Text.Json.Serialization;
using Edge.Http;

namespace Edge.Features.Exports;

internal sealed record ExportedUser(long UserId, string Email, long OrderCount, decimal TotalSpent);

internal sealed record ExportedOrder(
    long Id, long UserId, string Username, string Status, decimal Total, string ShippingAddress, DateTime CreatedAt, DateTime UpdatedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExportedOrder))]
internal sealed partial class ExportsJson : JsonSerializerContext;

/// <summary>People as CSV, by the names of API.md.</summary>
internal sealed class UsersCsv : RowFormat<ExportedUser>
{
    public override string ContentType => Csv.ContentType;

    public override void Begin(IBufferWriter<byte> to) => to.Write("user_id,email,order_count,total_spent\r\n"u8);

    public override void Row(IBufferWriter<byte> to, ExportedUser user)
    {
        Csv.Number(to, user.UserId, Csv.NextCell);
        Csv.Text(to, user.Email, Csv.NextCell);
        Csv.Number(to, user.OrderCount, Csv.NextCell);
        Csv.Number(to, user.TotalSpent, Csv.NextRow);
    }
}
