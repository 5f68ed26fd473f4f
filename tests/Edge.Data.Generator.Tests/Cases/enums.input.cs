using Edge.Data;

namespace Shop
{
    public sealed class Order
    {
        public enum Status
        {
            Paid,
            Sent,
        }
    }

    public sealed class Job
    {
        public enum Status
        {
            Open,
            Done,
        }
    }

    public enum Kind
    {
        Small,
        Large,
    }

    public enum Job_Status
    {
        Other,
    }

    // Enums of one simple name: each helper has a name of its own.
    internal static partial class ClashQueries
    {
        public sealed record Row(Order.Status Order, Job.Status Job, Kind Kind, Orders.Level Wanted, Jobs.Level? Needed, Job_Status Other);

        [Sql("""
            select "order", job, kind, wanted, needed, other
            from t
            where "order" = @order and job = any(@jobs) and kind = @kind and wanted = @wanted and needed = any(@needed) and other = @other
            """)]
        public static partial ValueTask<List<Row>> All(
            Database database, Order.Status order, Job.Status[] jobs, Kind? kind, Orders.Level wanted, Jobs.Level[]? needed, Job_Status other,
            CancellationToken cancel);
    }

    // A nullable enum meets parameters of any name, and two statements that both take it.
    internal static partial class NullableQueries
    {
        [Sql("select kind from t where kind = @kind and text = @kindValue and class = @class")]
        public static partial ValueTask<Kind?> LikeALocal(
            Database database, Kind? kind, string kindValue, Kind? @class, CancellationToken cancel);

        [Sql("delete from t where kind = @kind; delete from u where kind = @kind")]
        public static partial ValueTask InTwoStatements(Database database, Kind? kind, CancellationToken cancel);
    }
}

namespace Shop.Orders
{
    public enum Level
    {
        Low,
    }
}

namespace Shop.Jobs
{
    public enum Level
    {
        High,
    }
}
