using System.Threading.Channels;
using Edge.Data;
using Edge.Data.Changes;
using Edge.Hosting;
using Edge.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.IntegrationTests.Changes;

/// <summary>A feed and what it has told so far.</summary>
internal sealed class ChangeListener : IAsyncDisposable
{
    /// <summary>Short pauses, so that a test takes a second, and patience with a machine that is busy with other tests.</summary>
    public static readonly ChangeFeedOptions Quick = new() { IdleIntervalMs = 100, AnswerTimeoutMs = 20_000, BackoffBaseMs = 5, BackoffMaxMs = 100 };

    /// <summary>The same for tests of the patience itself.</summary>
    public static readonly ChangeFeedOptions Impatient = Quick with { AnswerTimeoutMs = 1_000 };

    /// <summary>What tests say themselves, to know that everything before it was heard.</summary>
    const string Marker = "marker";

    readonly Channel<ChangeBatch> _batches = Channel.CreateUnbounded<ChangeBatch>();
    readonly CancellationTokenSource _stop = new();
    readonly Task _reading;
    int _markers;

    ChangeListener(DatabaseOptions database, ChangeFeedOptions? options, ILogger<ChangeFeed>? log)
    {
        Feed = new(
            database, options ?? Quick, [.. ChangeTags.Subjects, Marker], TimeProvider.System, new Random(1), log ?? NullLogger<ChangeFeed>.Instance);
        _reading = Read();
    }

    public ChangeFeed Feed { get; }

    public ChangeFeedStatus Status => Feed.Status;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Listens, and is past the gap at the start.</summary>
    public static async Task<ChangeListener> Start(DatabaseOptions database, ChangeFeedOptions? options = null, ILogger<ChangeFeed>? log = null)
    {
        var listener = Begin(database, options, log);
        await listener.Gap();
        return listener;
    }

    public static ChangeListener Begin(DatabaseOptions database, ChangeFeedOptions? options = null, ILogger<ChangeFeed>? log = null) =>
        new(database, options, log);

    public async Task<ChangeBatch> Next()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(Poll.TimeoutSeconds));
        return await _batches.Reader.ReadAsync(deadline.Token);
    }

    public async Task Gap() => Assert.True((await Next()).IsGap);

    /// <summary>What was told between the last call and now, as <c>subject key</c>, or <c>subject</c> for all of it, in order of the alphabet.</summary>
    public async Task<List<string>> Heard(ChangeDatabase database)
    {
        var marker = $"{++_markers}";
        await database.Execute($"notify edge_changes, '{Marker} 1 {marker}'");
        var heard = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var batch = await Next();
            if (batch.IsGap)
                heard.Add("gap");
            foreach (var change in batch.Changes.Where(static change => change.Subject != Marker))
                heard.Add(change.Key is null ? change.Subject : $"{change.Subject} {change.Key}");
            if (batch.Changes.Any(change => change.Subject == Marker && change.Key == marker))
                return [.. heard];
        }
    }

    /// <summary>Ends the reading and waits for its end.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(TimeSpan.FromSeconds(Poll.TimeoutSeconds), Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
    }

    async Task Read()
    {
        try
        {
            await foreach (var batch in Feed.Read(_stop.Token))
                await _batches.Writer.WriteAsync(batch);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}
