using Edge.Data;

namespace Shop
{
    public sealed class Query;

    public sealed class QueryResult;

    public sealed class QueryErrors;

    public sealed class Transaction;

    public sealed class NpgsqlBatch;

    public sealed class NpgsqlBatchCommand;

    public sealed class NpgsqlCommand;

    public sealed class NpgsqlDataReader;

    public sealed class NpgsqlParameter<T>;

    public sealed class NpgsqlDbType;

    public sealed class Array;

    public sealed class CancellationToken;

    public sealed class DateTimeOffset;

    public sealed class Guid;

    public sealed class ReadOnlyMemory<T>;

    public sealed class ValueTask<T>;

    public enum Kind
    {
        Small,
        Large,
    }

    // All that generated code names is hidden by a type of the class's namespace.
    internal static partial class HiddenQueries
    {
        public sealed record Row(System.Guid Id, Kind Kind, System.ReadOnlyMemory<byte>? Bytes, System.ReadOnlyMemory<byte>[]? Parts);

        [Sql("select id, kind, bytes, parts from t where kind = @kind and at = any(@moments) and kind = any(@kinds); delete from t where id = @id")]
        public static partial System.Threading.Tasks.ValueTask<(Row? Row, int Deleted)> Both(
            Edge.Data.Transaction transaction, Kind kind, System.DateTimeOffset[] moments, Kind[]? kinds, System.Guid id,
            System.Threading.CancellationToken cancel);

        [Sql("select max(at) from t where at < @until", Pipelined = true)]
        public static partial System.Threading.Tasks.ValueTask<System.DateTimeOffset?> Latest(
            Database database, System.DateTimeOffset? until, System.Threading.CancellationToken cancel);

        [Sql("select id from t")]
        public static partial IAsyncEnumerable<System.Guid> All(Database database, System.Threading.CancellationToken cancel);
    }
}

// The usings of the generated file are nearer than the types of an enclosing namespace, so these hide nothing.
namespace Shop.Orders
{
    internal static partial class EnclosedQueries
    {
        [Sql("select id from t where at = @at")]
        public static partial System.Threading.Tasks.ValueTask<System.Guid> Id(
            Edge.Data.Transaction transaction, System.DateTimeOffset at, System.Threading.CancellationToken cancel);
    }
}

// A namespace hides as a type does.
namespace Spaces
{
    internal static partial class SpaceQueries
    {
        [Sql("select id from t")]
        public static partial ValueTask<Guid> Id(Database database, CancellationToken cancel);
    }
}

namespace Spaces.Query
{
    public sealed class Unrelated;
}

// Types of an outer class and of a base.
namespace Outside
{
    internal abstract class Base
    {
        public sealed class NpgsqlCommand;
    }

    internal abstract partial class Outer : Base
    {
        public sealed class Query;

        public abstract partial class Inner
        {
            [Sql("select id from t")]
            public static partial ValueTask<Guid> Id(Database database, CancellationToken cancel);
        }
    }
}
