using System.Threading.Tasks.Sources;
using Edge.Core.Basics;

namespace Edge.Tests.Caching.Interleaving;

/// <summary>
/// Runs nothing by itself: each step of each task is a move that the schedule chooses. One thread, so a seed is a schedule.
/// <para>Most steps end a <see cref="Pause"/>. It is no task: a million schedules have hundreds of millions of them.</para>
/// </summary>
sealed class SteppedScheduler(RandomSource choices) : TaskScheduler, IValueTaskSource
{
    // A task of this scheduler, or what goes on after a pause.
    readonly List<(Action<object?>? Continuation, object? State)> _ready = [];

    public int Ready => _ready.Count;

    /// <summary>Calls <see cref="Step"/>, on this thread. Inside, all that a step begins or goes on with comes here.</summary>
    public void Run(Action steps)
    {
        var run = new Task(steps);
        run.Start(this);
        // Queued last.
        _ready.RemoveAt(_ready.Count - 1);
        TryExecuteTask(run);
        run.GetAwaiter().GetResult();
    }

    public void Step()
    {
        var chosen = choices.Next(_ready.Count);
        var (continuation, state) = _ready[chosen];
        _ready[chosen] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (continuation is null)
            TryExecuteTask((Task)state!);
        else
            continuation(state);
    }

    /// <summary>A place in the code under test at which anything else may happen.</summary>
    public ValueTask Pause() => new(this, token: 0);

    protected override void QueueTask(Task task) => _ready.Add((null, task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready.Select(static move => move.State).OfType<Task>();

    // Pending until it is chosen, however often it is asked.
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => ValueTaskSourceStatus.Pending;

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _ready.Add((continuation, state));

    void IValueTaskSource.GetResult(short token)
    {
    }
}
