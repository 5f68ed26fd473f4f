using Edge.Data.Changes;
using Edge.Testing;

namespace Edge.IntegrationTests.Changes;

/// <summary>A wait ends when it is told to, whatever Npgsql is just doing.</summary>
public sealed class ChangeSessionTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Npgsql loses a cancellation that comes while it prepares to read; a few of these do. Without a pulse the first such wait never ends.</summary>
    [Fact]
    public async Task A_wait_that_is_over_as_soon_as_it_begins_ends()
    {
        await using var database = await ChangeDatabase.Create();
        await using var source = ChangeSession.SourceOf(database.Options, new());
        await using var session = await ChangeSession.Open(source, new(), TimeProvider.System, static _ => { }, Cancelled);
        var random = new Random(1);
        for (var round = 0; round < 5_000; round++)
        {
            using var stop = new CancellationTokenSource();
            using var start = new ManualResetEventSlim();
            var pause = random.Next(2_000);
            var stopping = Task.Run(
                () =>
                {
                    start.Wait(Cancelled);
                    for (var passed = 0; passed < pause; passed++)
                        Volatile.Read(ref passed);
                    stop.Cancel();
                },
                Cancelled);
            start.Set();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => session.Hear(TimeSpan.FromHours(1), untilFirst: true, stop.Token).WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), Cancelled));
            await stopping;
        }
        await session.Flush(Cancelled);
    }
}
