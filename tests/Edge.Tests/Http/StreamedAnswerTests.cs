using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Edge.Http;
using Edge.Tests.Basics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Tests.Http;

public sealed class StreamedAnswerTests
{
    readonly FakeTime _clock = new();
    readonly MemoryStream _body = new();
    readonly DefaultHttpContext _context = new();
    readonly StreamLimits _limits;

    public StreamedAnswerTests()
    {
        _context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_body));
        _context.Request.Method = "GET";
        _limits = new(atOnce: 1, TimeSpan.FromMinutes(5), _clock);
    }

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    string Sent => Encoding.UTF8.GetString(_body.ToArray());

    Task Write(Func<CancellationToken, IAsyncEnumerable<string>> rows) => StreamedAnswer.Write(_context, "rows.txt", new LengthPerRow(), _limits, rows);

    [Fact]
    public async Task Rows_are_sent_between_a_beginning_and_an_end()
    {
        await Write(static _ => Rows("one", "three"));
        Assert.Equal("begin 3 5 end 2", Sent);
        Assert.Equal("attachment; filename=\"rows.txt\"", _context.Response.Headers.ContentDisposition);
        Assert.True(_limits.TryEnter());
    }

    [Fact]
    public async Task No_more_run_at_once_than_there_are_places_for()
    {
        Assert.True(_limits.TryEnter());
        await Write(static _ => throw new InvalidOperationException("nothing is asked"));
        Assert.Equal(503, _context.Response.StatusCode);
        Assert.Equal("10", _context.Response.Headers.RetryAfter);
        _limits.Leave(isComplete: true);
        Assert.True(_limits.TryEnter());
    }

    [Fact]
    public async Task Past_its_deadline_a_stream_ends_as_a_failure_and_leaves_its_place()
    {
        var waits = new TaskCompletionSource();
        var writing = Write(cancelled => Waiting(waits, cancelled));
        await waits.Task;
        _clock.Advance(TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<StreamTimeoutException>(() => writing);
        Assert.DoesNotContain("end", Sent);
        Assert.True(_limits.TryEnter());
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_rows()
    {
        using var gone = new CancellationTokenSource();
        _context.RequestAborted = gone.Token;
        var waits = new TaskCompletionSource();
        var writing = Write(cancelled => Waiting(waits, cancelled));
        await waits.Task;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.True(_limits.TryEnter());
    }

    [Fact]
    public async Task A_full_block_is_sent_while_rows_still_come()
    {
        await StreamedAnswer.Write(_context, "rows.txt", new Itself(), _limits, _ => Checked());
        Assert.Equal(32 * 1024 + 1, _body.Length);

        async IAsyncEnumerable<string> Checked()
        {
            yield return new string('x', 32 * 1024);
            await Task.CompletedTask;
            Assert.Equal(32 * 1024, _body.Length);
            yield return "y";
        }
    }

    static async IAsyncEnumerable<string> Rows(params string[] rows)
    {
        foreach (var row in rows)
        {
            await Task.CompletedTask;
            yield return row;
        }
    }

    static async IAsyncEnumerable<string> Waiting(TaskCompletionSource waits, [EnumeratorCancellation] CancellationToken cancelled)
    {
        yield return "one";
        waits.SetResult();
        await new TaskCompletionSource().Task.WaitAsync(cancelled);
    }

    sealed class Itself : RowFormat<string>
    {
        public override string ContentType => "text/plain";

        public override void Row(IBufferWriter<byte> to, string row) => Encoding.UTF8.GetBytes(row, to);
    }

    sealed class LengthPerRow : RowFormat<string>
    {
        public override string ContentType => "text/plain";

        public override void Begin(IBufferWriter<byte> to) => Encoding.UTF8.GetBytes("begin", to);

        public override void Row(IBufferWriter<byte> to, string row) => Encoding.UTF8.GetBytes($" {row.Length}", to);

        public override void End(IBufferWriter<byte> to, long rows) => Encoding.UTF8.GetBytes($" end {rows}", to);
    }
}
