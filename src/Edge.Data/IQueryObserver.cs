using System.Diagnostics;

namespace Edge.Data;

/// <summary>
/// Hears of every query, for metrics and traces. Given to a <see cref="Database"/>, which hands it on to its transactions.
/// <para>
/// <b>One observation is one attempt</b>: <see cref="Started"/>, then <see cref="Ended"/>, once each, whatever became of it. A read that lost its
/// connection and is run once more is two. A stream is one, from its opening until it was read to its end or given up, so its time has
/// the reader's time in it. What was refused before it could run is one as well: a caller that had left already, a pool without a free
/// connection, a server that is not there. BEGIN, COMMIT and ROLLBACK are no queries, nor is the wait of
/// <see cref="Database.InTransaction{T}"/> for a connection.
/// </para>
/// <para>
/// Both are called on the caller's way, at the same time for different queries: they must be quick, and must not throw. A query would fail
/// that was done.
/// </para>
/// </summary>
public interface IQueryObserver
{
    /// <summary>
    /// Before anything is done, also before the wait for a free connection, so that a trace shows that wait.
    /// What is made <see cref="Activity.Current"/> here is current for the query and not for its caller.
    /// </summary>
    /// <returns>A span around the query. Null: it is not traced.</returns>
    Activity? Started(Query query);

    /// <summary>The caller is about to have its result or its failure; the statement may outlive that, see <see cref="DatabaseFailure.Timeout"/>.</summary>
    /// <param name="query">What was asked. One object per method, so that it can be the key of what is counted.</param>
    /// <param name="span">What <see cref="Started"/> returned. To be ended here.</param>
    /// <param name="startedAt">
    /// Timestamp of <see cref="Stopwatch"/> at which the query had its connection. Where it got none: at which it began to wait for one.
    /// </param>
    /// <param name="rows">
    /// Rows read, or changed by a command that answers none. Of a batch: both, of all statements. A single value that is null counts as no
    /// row. 0 where it failed; a stream had these before.
    /// </param>
    /// <param name="failure">Null: it went well. <see cref="DatabaseFailures.OutcomeOf"/> makes a label of it.</param>
    void Ended(Query query, Activity? span, long startedAt, int rows, Exception? failure);
}
