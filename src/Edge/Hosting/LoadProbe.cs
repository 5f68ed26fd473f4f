using System.Globalization;
using Edge.Core.Resilience;

namespace Edge.Hosting;

/// <summary>
/// Measures how far the pool's threads are behind, for <see cref="LoadGate"/>: how long an empty item waits in the queue that requests come through.
/// Twenty items a second cost nothing that could be measured. And it tells the log when requests begin to be shed, how many, and when that has ended.
/// </summary>
internal sealed partial class LoadProbe(LoadGate gate, TimeProvider clock, ILogger<LoadProbe> log) : IHostedService, IThreadPoolWorkItem, IDisposable
{
    const int PeriodMs = 50;

    /// <summary>At most one line in so many seconds.</summary>
    const int ReportSeconds = 10;

    static readonly TimeSpan Period = TimeSpan.FromMilliseconds(PeriodMs);

    ITimer? _timer;
    long _sentAt;
    long _reportedAt;
    long _reported;
    bool _isShedding;

    public Task StartAsync(CancellationToken cancelled)
    {
        _reportedAt = clock.GetTimestamp();
        _timer = clock.CreateTimer(static self => ((LoadProbe)self!).Send(), this, Period, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancelled)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>The next is sent when this one has come: there is never more than one in the queue.</summary>
    public void Execute()
    {
        gate.Observe(clock.GetElapsedTime(_sentAt).TotalMilliseconds);
        Report();
        _timer?.Change(Period, Timeout.InfiniteTimeSpan);
    }

    void Send()
    {
        _sentAt = clock.GetTimestamp();
        // The pool's own queue, not that of this thread: there it would overtake what has come before.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>The first at once, then one line per <see cref="ReportSeconds"/>.</summary>
    void Report()
    {
        var shed = gate.Shed;
        if (!_isShedding && shed == _reported)
            return;
        var seconds = clock.GetElapsedTime(_reportedAt).TotalSeconds;
        if (_isShedding && seconds < ReportSeconds)
            return;
        if (shed == _reported)
        {
            Ended(log);
        }
        else
        {
            var load = gate.Statistics();
            Shedding(log, string.Create(
                CultureInfo.InvariantCulture,
                $"{shed - _reported} requests in {(_isShedding ? seconds : 0):0} s; {load.InFlight} of {load.Cap} under way, {load.Waiting} wait, threads {load.ThreadsMs:0} ms behind"));
        }
        (_isShedding, _reported, _reportedAt) = (shed != _reported, shed, clock.GetTimestamp());
    }

    [LoggerMessage(1, LogLevel.Warning, "Shedding load: {What}", EventName = "SheddingLoad")]
    static partial void Shedding(ILogger log, string what);

    [LoggerMessage(2, LogLevel.Information, "No load is shed any more", EventName = "SheddingEnded")]
    static partial void Ended(ILogger log);
}
