using System.Diagnostics;

namespace Edge.Redis;

/// <summary>
/// Hears of every command of a caller, for metrics and traces. Not of the client's own: login, keep-alive, SCRIPT LOAD, subscriptions.
/// <para>
/// <b>One observation is one call</b>: <see cref="Started"/>, then <see cref="Ended"/>, once each, whatever became of it; also where nothing
/// was sent. A script that had to be loaded first is one too. Only a call with wrong arguments, which throws, is none.
/// </para>
/// <para>
/// <see cref="Ended"/> is called by whatever answers the caller: the read loop that serves everybody, the timer that keeps deadlines (under
/// the queue's lock), who cancels, or the caller itself. So it must be quick, must not use the client, and must not throw: that would end the
/// connection, or the process.
/// </para>
/// </summary>
public interface IRedisObserver
{
    /// <summary>Before the command is queued. What is made <see cref="Activity.Current"/> here is not current for the caller.</summary>
    /// <param name="command">As in <see cref="Ended"/>.</param>
    /// <returns>A span around the command. Null: it is not traced.</returns>
    Activity? Started(string command);

    /// <summary>The caller is about to be answered.</summary>
    /// <param name="command">
    /// One of a few constants: the verb, the name of the script (EVALSHA if it has none), or OTHER for <see cref="RedisClient.Execute{T}"/>.
    /// </param>
    /// <param name="span">What <see cref="Started"/> returned. To be ended here.</param>
    /// <param name="startedAt">Timestamp of the call, by the client's clock: Stopwatch's, unless it was given another.</param>
    /// <param name="outcome">What became of it.</param>
    void Ended(string command, Activity? span, long startedAt, RedisOutcome outcome);
}
