using Edge.Data;
using Edge.Http;

namespace Edge.Features.Exports;

/// <summary>Whole tables, streamed to admins.</summary>
/// <param name="database">
/// A pool of its own, of as many connections as there may be exports: each is held for as long as its client takes to read, and none of the API's.
/// </param>
internal sealed class ExportEndpoints(Database database, StreamLimits limits)
{
    const string Tag = "Exports";

    static readonly Parameter<DateTime?> Since = Parameters.UtcTime("since", "Only orders made at this time or later.");

    public void Map(RouteTable routes)
    {
        routes.Stream(
            new()
            {
                Path = "/api/export/users", Tag = Tag, Cost = 20, Limit = LimitGroup.Exports, Summary = "Every person with the number and sum of their orders that were not cancelled", Access = Access.Admin,
                FileName = "users.csv", Example = UsersExample,
            },
            new UsersCsv(), limits, Users);
        routes.Stream(
            new()
            {
                Path = "/api/export/orders/stream", Tag = Tag, Cost = 20, Limit = LimitGroup.Exports, Summary = "Orders, newest first, one per line; the last line says that it is complete", Access = Access.Admin,
                Parameters = [Since], FileName = "orders.ndjson", Example = OrdersExample,
            },
            new Ndjson<ExportedOrder>(static () => ExportsJson.Default.ExportedOrder), limits, Orders);
    }

    IAsyncEnumerable<ExportedUser> Users(Call call, CancellationToken cancelled) => ExportQueries.Users(database, cancelled);

    IAsyncEnumerable<ExportedOrder> Orders(Call call, CancellationToken cancelled) => ExportQueries.Orders(database, call.Get(Since), cancelled);

    const string UsersExample = "user_id,email,order_count,total_spent\r\n73,ines.moreau@example.com,4,210.50\r\n74,\"'=odd,name@example.com\",0,0\r\n";

    const string OrdersExample = """
        {"id":9041,"userId":73,"username":"ines_moreau","status":"paid","total":84.90,"shippingAddress":"12 Quay Street, Lyon","createdAt":"2026-05-01T08:12:44.120113Z","updatedAt":"2026-05-01T08:13:02.551Z"}
        {"complete":true,"rows":1}

        """;
}
