using System.Runtime.InteropServices;

namespace Edge.Features.Accounts;

/// <summary>
/// Lets a thread compute for long in what time the others leave it. Niceness alone does not: it took the p99 of reads to three times that of quiet.
/// <para>
/// (1) Its policy is SCHED_IDLE: whoever else wakes up on its core goes first. On Linux .NET ignores <see cref="Thread.Priority"/>, hence the system call.
/// (2) It keeps to one core. Where it may move, a waking reader is put beside it as onto an idle core, and kernels with lazy preemption (6.13 and later)
/// tell a core that computes in user mode only at its next tick, up to 4 ms later. Seen in <c>perf sched</c> on 6.18: delays of 3.9 ms, and p99 of
/// paced reads at 1.4–2.1 ms where it is 0.3 when quiet; 0.4 when it keeps to one core.
/// (3) Meanwhile a second thread on the same core sleeps and wakes in turn, five thousand times a second: the end of each sleep interrupts that core, and
/// who waits for it is let in then. With it the p99 of reads at full speed is 1.20 times that of quiet in the median of five rounds
/// (bench/results/logins.md); 1.63 where this thread had the policy of the other, and so could not push in.
/// </para>
/// <para>Where the kernel refuses any of these, or it is another system, the work is the same and its neighbours wait longer.</para>
/// </summary>
internal sealed class LeftoverTime : IDisposable
{
    /// <summary>SCHED_IDLE of sched.h: takes no right to ask for.</summary>
    const int IdlePolicy = 5;

    const int MonotonicClock = 1;

    const int BeatNs = 200_000;

    /// <summary>Words of the mask: up to 1,024 processors, as glibc has.</summary>
    const int MaskWords = 16;

    /// <summary>Where this process begins to count: instances that share a machine would otherwise all hash on its last core.</summary>
    static readonly int s_first = Random.Shared.Next(64 * MaskWords);

    readonly int? _core;
    // Guards the two below; the thread that beats waits for its pulse.
    readonly object _gate = new();
    bool _isWorking;
    bool _isOver;

    /// <summary>For the calling thread, which stays so.</summary>
    /// <param name="number">Of this thread among its like, from 0: each takes a core of its own where there are enough, the next one down.</param>
    public LeftoverTime(int number)
    {
        if (!OperatingSystem.IsLinux())
            return;
        // (2)
        Span<ulong> allowed = stackalloc ulong[MaskWords];
        if (GetAffinity(thread: 0, MaskWords * sizeof(ulong), ref allowed[0]) >= 0 && CoreOf(allowed, s_first + number) is { } core && KeepTo(core))
        {
            _core = core;
            // Before (1): a thread inherits the policy, and may not leave this one again.
            new Thread(Beat) { Name = $"hash beat {number}", IsBackground = true }.Start();
        }
        // (1)
        _ = SetScheduler(thread: 0, IdlePolicy, priority: 0);
    }

    public void Run(Action work)
    {
        Turn(isWorking: true);
        try
        {
            work();
        }
        finally
        {
            Turn(isWorking: false);
        }
    }

    public void Dispose() => Turn(isWorking: false, isOver: true);

    /// <summary>The core for a thread of that number. Null: there is none.</summary>
    internal static int? CoreOf(ReadOnlySpan<ulong> allowed, int number)
    {
        var cores = new List<int>();
        for (var core = allowed.Length * 64 - 1; core >= 0; core--)
            if ((allowed[core / 64] >> (core % 64) & 1) != 0)
                cores.Add(core);
        return cores.Count == 0 ? null : cores[number % cores.Count];
    }

    // (3)
    void Beat()
    {
        if (!KeepTo(_core!.Value))
            return;
        while (IsToBeat())
            _ = Sleep(MonotonicClock, flags: 0, new Timespec(0, BeatNs), remaining: 0);
    }

    bool IsToBeat()
    {
        lock (_gate)
        {
            while (!_isWorking && !_isOver)
                Monitor.Wait(_gate);
            return !_isOver;
        }
    }

    void Turn(bool isWorking, bool isOver = false)
    {
        lock (_gate)
        {
            (_isWorking, _isOver) = (isWorking, isOver);
            Monitor.Pulse(_gate);
        }
    }

    static bool KeepTo(int core)
    {
        Span<ulong> only = stackalloc ulong[MaskWords];
        only.Clear();
        only[core / 64] = 1UL << (core % 64);
        return SetAffinity(thread: 0, MaskWords * sizeof(ulong), in only[0]) == 0;
    }

    readonly record struct Timespec(nint Seconds, nint Nanoseconds);

    [DllImport("libc", EntryPoint = "sched_setscheduler")]
    static extern int SetScheduler(int thread, int policy, in int priority);

    [DllImport("libc", EntryPoint = "sched_getaffinity")]
    static extern int GetAffinity(int thread, nint bytes, ref ulong mask);

    [DllImport("libc", EntryPoint = "sched_setaffinity")]
    static extern int SetAffinity(int thread, nint bytes, in ulong mask);

    [DllImport("libc", EntryPoint = "clock_nanosleep")]
    static extern int Sleep(int clock, int flags, in Timespec time, nint remaining);
}
