using Npgsql;

namespace Edge.Data;

/// <summary>
/// A running transaction. Its queries run one after another; it ends with the work given to <see cref="Database.InTransaction{T}"/>.
/// </summary>
public sealed class Transaction : QueryExecutor
{
    readonly NpgsqlConnection connection;

    internal Transaction(NpgsqlConnection connection) => this.connection = connection;

    internal bool IsRolledBack { get; private set; }

    /// <summary>Keeps nothing of what was done: for work that ends in an expected failure and returns it as a value.</summary>
    public void RollBack() => IsRolledBack = true;

    private protected override ValueTask<NpgsqlConnection> Rent(CancellationToken cancel) => new(connection);

    private protected override ValueTask Return(NpgsqlConnection connection) => default;

    private protected override bool MayRepeat(Query query, Exception failure) => false;
}
