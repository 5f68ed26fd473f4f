using System.Buffers;

namespace Edge.Http;

/// <summary>How many answers are streamed at once, and how long one may take. Each holds a connection to the database for as long as its client reads.</summary>
internal sealed class StreamLimits(int atOnce, TimeSpan timeout, TimeProvider clock)
{
    /// <summary>A place is free when somebody else's export has ended: that takes seconds to minutes.</summary>
    const int RetryAfterSeconds = 10;

    readonly SemaphoreSlim _places = new(atOnce);
    long _complete;
    long _broken;
    long _refused;

    /// <summary>Under way now.</summary>
    public int Active => atOnce - _places.CurrentCount;

    /// <summary>Sent to their last row, since the start.</summary>
    public long Complete => Volatile.Read(ref _complete);

    /// <summary>Not: the client left, or the database did not go on, or it took too long.</summary>
    public long Broken => Volatile.Read(ref _broken);

    /// <summary>For want of a place.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public static Problem Full { get; } = Problem.Unavailable("As many exports are running here as there may be.", RetryAfterSeconds);

    public bool TryEnter()
    {
        if (_places.Wait(0))
            return true;
        Interlocked.Increment(ref _refused);
        return false;
    }

    public void Leave(bool isComplete)
    {
        Interlocked.Increment(ref isComplete ? ref _complete : ref _broken);
        _places.Release();
    }

    public CancellationTokenSource Deadline() => new(timeout, clock);
}

/// <summary>A stream took longer than it may: its client reads too slowly, or the database is too slow.</summary>
internal sealed class StreamTimeoutException() : TimeoutException("The stream took longer than it may.");

/// <summary>
/// Sends rows while they come, in constant memory. As numbered in the code:
/// <para>(1) HEAD gets the headers; nothing is asked. Where all places are taken it is 503.</para>
/// <para>
/// (2) Rows are rendered into one block. When it is full it is sent, and the next row is read only when the client has taken it (what Kestrel
/// buffers for it aside): a slow client slows Postgres down, and costs no memory here.
/// </para>
/// <para>(3) Nothing is sent before the first block is full or complete. What fails before is a problem, as anywhere.</para>
/// <para>
/// (4) What fails later is thrown, and the front resets the connection. So the body is complete exactly if it ends with its last chunk, which
/// every client library checks; that is the one mark that a CSV has. (A line that is no row would break its readers, and Kestrel has trailers
/// for HTTP/2 only.)
/// </para>
/// <para>(5) A client that leaves, and the deadline, cancel the query in Postgres.</para>
/// Not compressed: it would cost a processor more than the rest of the export does, while the API shares it. A proxy may.
/// </summary>
internal static class StreamedAnswer
{
    /// <summary>Sent at once. Half of what Kestrel buffers before it makes the writer wait.</summary>
    const int BlockBytes = 32 * 1024;

    /// <summary>Room for the row that fills the block; a longer one makes the block grow.</summary>
    const int LastRowBytes = 8 * 1024;

    public static async Task Write<T>(
        HttpContext context, string fileName, RowFormat<T> format, StreamLimits limits, Func<CancellationToken, IAsyncEnumerable<T>> rows)
    {
        // (1)
        if (HttpMethods.IsHead(context.Request.Method))
        {
            SetHeaders(context.Response, fileName, format.ContentType);
            return;
        }
        if (!limits.TryEnter())
        {
            await ProblemWriter.Write(context, StreamLimits.Full);
            return;
        }
        using var deadline = limits.Deadline();
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        var isComplete = false;
        try
        {
            await Send(context, fileName, format, rows(cancelled.Token), cancelled.Token);
            isComplete = true;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new StreamTimeoutException();
        }
        finally
        {
            limits.Leave(isComplete);
        }
    }

    static async Task Send<T>(HttpContext context, string fileName, RowFormat<T> format, IAsyncEnumerable<T> rows, CancellationToken cancelled)
    {
        var body = context.Response.BodyWriter;
        var block = new ArrayBufferWriter<byte>(BlockBytes + LastRowBytes);
        var count = 0L;
        format.Begin(block);
        await foreach (var row in rows.WithCancellation(cancelled))
        {
            format.Row(block, row);
            count++;
            if (block.WrittenCount < BlockBytes)
                continue;
            // (3)
            if (!context.Response.HasStarted)
                SetHeaders(context.Response, fileName, format.ContentType);
            // (2)
            await body.WriteAsync(block.WrittenMemory, cancelled);
            // (5) Kestrel may take what is written to a connection that is gone.
            cancelled.ThrowIfCancellationRequested();
            block.ResetWrittenCount();
        }
        format.End(block, count);
        if (!context.Response.HasStarted)
            SetHeaders(context.Response, fileName, format.ContentType);
        await body.WriteAsync(block.WrittenMemory, cancelled);
    }

    static void SetHeaders(HttpResponse response, string fileName, string contentType)
    {
        response.ContentType = contentType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        response.Headers.CacheControl = "private, no-store";
    }
}
