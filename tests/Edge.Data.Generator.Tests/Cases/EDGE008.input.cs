using Edge.Data;

namespace Shop;

internal static partial class ProductQueries
{
    [Sql("select @letter::text = @anything::text or @matrix::text is null or @list::text is null or @unsigned > 0")]
    public static partial ValueTask<bool> Any(
        Database database, char letter, object anything, int[,] matrix, List<int> list, uint unsigned, CancellationToken cancel);
}
