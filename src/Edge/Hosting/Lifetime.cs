using System.Runtime.InteropServices;
using Edge.Http;

namespace Edge.Hosting;

/// <summary>
/// When the process starts and how it ends. On the first SIGTERM or SIGINT:
/// <list type="number">
/// <item>readiness turns 503 and answers carry <c>Connection: close</c>, while everything is still answered;</item>
/// <item>after the delay, in which balancers take this instance out, it stops accepting;</item>
/// <item>requests in flight finish, up to the shutdown timeout, and the process exits with 0.</item>
/// </list>
/// A second signal ends it at once, with 128 + the signal's number. Orchestrators remove an endpoint in parallel with the signal, not
/// before it: without the delay, requests that are still on their way would meet a closed port.
/// </summary>
internal sealed partial class Lifetime(Readiness readiness, TimeSpan delay, TimeProvider clock, IHostApplicationLifetime host, ILogger<Lifetime> log)
    : IHostLifetime, IDisposable
{
    readonly List<PosixSignalRegistration> _registrations = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Received(signal, number: 15)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Received(signal, number: 2)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(static registration => registration.Dispose());

    void Received(PosixSignalContext signal, int number)
    {
        signal.Cancel = true; // the runtime would exit by itself
        if (!readiness.Drain())
        {
            Environment.Exit(128 + number);
            return;
        }
        Draining(log, delay.TotalSeconds);
        _ = StopAfterDelay();
    }

    async Task StopAfterDelay()
    {
        await Task.Delay(delay, clock);
        host.StopApplication();
    }

    [LoggerMessage(1, LogLevel.Information, "Draining: not ready any more, stops accepting in {DelaySeconds} s", EventName = "Draining")]
    static partial void Draining(ILogger log, double delaySeconds);
}
