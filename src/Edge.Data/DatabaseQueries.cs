namespace Edge.Data;

internal static partial class DatabaseQueries
{
    [Sql("select 1")]
    public static partial ValueTask<int> Ping(Database database, CancellationToken cancel);
}
