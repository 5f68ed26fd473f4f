using Edge.Data;

internal static partial class GlobalQueries
{
    [Sql("select 1")]
    public static partial ValueTask<int> One(this Database database, CancellationToken cancel);
}

namespace Shop.@event
{
    internal sealed partial record Outer
    {
        internal partial struct Inner
        {
            public sealed record Row(int Class, string? Event);

            [Sql("select class, event from t where class = @class and event = @event")]
            private static partial ValueTask<Row?> Private(Database @base, CancellationToken @lock, int @class, string? @event);

            public readonly record struct Lower(int @class, string? @event);

            [Sql("select class, event from t")]
            private static partial ValueTask<List<Lower>> Lowers(Database database, CancellationToken cancel);
        }
    }

    // A name that says Queries only.
    internal static partial class Queries
    {
        [Sql("select 1", Name = "one")]
        public static partial ValueTask<int> Overloaded(Database command, CancellationToken cancel);

        [Sql("select @command + @command1", Name = "two")]
        public static partial ValueTask<int> Overloaded(Transaction executor, int command, int command1, CancellationToken cancel = default);
    }

    // Types that hide those which generated code uses are named in full.
    internal static partial class HidingQueries
    {
        public sealed record List(int Id);

        [Sql("select id from t")]
        public static partial ValueTask<List<List>> Lists(Database database, CancellationToken cancel);
    }
}
