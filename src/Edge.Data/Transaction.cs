using System.Runtime.CompilerServices;
using Npgsql;

namespace Edge.Data;

/// <summary>
/// A running transaction. Its queries run one after another; it ends with the work given to <see cref="Database.InTransaction{T}"/>.
/// </summary>
public sealed class Transaction : QueryExecutor
{
    readonly Database database;
    readonly NpgsqlConnection connection;
    readonly NpgsqlTransaction postgres;
    readonly Deadlines deadlines;

    // The work, and each operation under way. The last to let go ends the transaction: a query that was left holds it longer than the work.
    int holders = 1;

    internal Transaction(Database database, NpgsqlConnection connection, NpgsqlTransaction postgres, Deadlines deadlines, IQueryObserver? observer)
        : base(deadlines, observer)
    {
        this.database = database;
        this.connection = connection;
        this.postgres = postgres;
        this.deadlines = deadlines;
    }

    internal bool IsRolledBack { get; private set; }

    /// <summary>Keeps nothing of what was done: for work that ends in an expected failure and returns it as a value.</summary>
    public void RollBack() => IsRolledBack = true;

    /// <summary>Commits, or rolls back what asked for it.</summary>
    internal async ValueTask Complete() => await deadlines.Wait(Finish);

    /// <summary>The work is over. What was not committed is rolled back.</summary>
    internal async ValueTask End() => await deadlines.Wait(_ => LetGo());

    internal override ValueTask<NpgsqlConnection> Rent(CancellationToken cancel)
    {
        Interlocked.Increment(ref holders);
        return new(connection);
    }

    internal override async ValueTask Return(NpgsqlConnection connection) => await LetGo();

    internal override void Heed(Exception failure) => database.Heed(failure);

    private protected override bool MayRepeat(Query query, Exception failure) => false;

    // Not cancelled by the caller: a commit that is abandoned half-way has an outcome that nobody knows. Only the deadline bounds it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<bool> Finish(CancellationToken stop)
    {
        Interlocked.Increment(ref holders);
        try
        {
            if (IsRolledBack)
                await postgres.RollbackAsync(stop);
            else
                await postgres.CommitAsync(stop);
            return true;
        }
        finally
        {
            await LetGo();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    async ValueTask<bool> LetGo()
    {
        if (Interlocked.Decrement(ref holders) > 0)
            return false;
        await using (connection)
            await postgres.DisposeAsync();
        return true;
    }
}
