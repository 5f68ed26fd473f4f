using Edge.Core.Basics;

namespace Edge.Tests.Caching.Interleaving;

/// <summary>Runs nothing by itself: each step of each task is a move that the schedule chooses. One thread, so a seed is a schedule.</summary>
sealed class SteppedScheduler(RandomSource choices) : TaskScheduler
{
    readonly List<Task> _ready = [];

    public int Ready => _ready.Count;

    public void Step()
    {
        var chosen = choices.Next(_ready.Count);
        var task = _ready[chosen];
        _ready[chosen] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        TryExecuteTask(task);
    }

    /// <summary>A place in the code under test at which anything else may happen.</summary>
    public static async ValueTask Pause() => await Task.Yield();

    protected override void QueueTask(Task task) => _ready.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;
}
