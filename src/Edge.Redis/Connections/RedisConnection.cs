using System.Buffers;
using System.IO.Pipelines;
using Edge.Redis.Protocol;

namespace Edge.Redis.Connections;

/// <summary>
/// One connection that has been logged in: a loop that writes what is queued, a loop that hands each reply to the slot whose
/// turn it is, and each push to whoever takes pushes. It ends once, for one reason.
/// </summary>
sealed class RedisConnection : IDisposable
{
    readonly WireStream _wire;
    readonly CommandQueue _queue;
    readonly RespScanner _scanner;
    readonly IPushTarget _pushes;
    readonly bool _pushesAreArrays;
    RedisFailure? _cause;

    /// <summary><paramref name="pushesAreArrays"/>: a RESP2 connection that only subscribes; its messages come as plain arrays.</summary>
    public RedisConnection(WireStream wire, CommandQueue queue, RedisOptions options, IPushTarget pushes, bool pushesAreArrays)
    {
        _wire = wire;
        _queue = queue;
        _scanner = new RespScanner(options.MaxReplyBytes);
        _pushes = pushes;
        _pushesAreArrays = pushesAreArrays;
        queue.Open(onSilence: () => End(Failures.Lost("no byte came for SilenceTimeoutMs; the server hangs or the link is dead")));
    }

    /// <summary>Runs until the connection is over.</summary>
    /// <param name="retire">Told why, once; it closes the queue, which ends the write loop where that sleeps.</param>
    public async Task Run(Action<RedisFailure> retire)
    {
        var writing = Write();
        await Read();
        retire(_cause!);
        await writing;
    }

    public void Dispose() => End(Failures.Lost("the client was disposed"));

    void End(RedisFailure cause)
    {
        Interlocked.CompareExchange(ref _cause, cause, null);
        _wire.Dispose();
    }

    async Task Write()
    {
        try
        {
            while (_queue.TakeOutput(out var output, out var wake))
            {
                if (output.IsEmpty) await wake;
                else await _wire.Stream.WriteAsync(output);
            }
        }
        catch (Exception fault)
        {
            End(Failures.Lost("sending failed: " + fault.Message));
        }
    }

    async Task Read()
    {
        try
        {
            while (true)
            {
                var read = await _wire.Input.ReadAsync();
                _queue.NoteBytesReceived();
                var buffer = read.Buffer;
                if (Take(ref buffer) is { } fault)
                {
                    End(Failures.NotResp(fault));
                    return;
                }

                _wire.Input.AdvanceTo(buffer.Start, buffer.End);
                if (!read.IsCompleted) continue;
                End(Failures.Lost("the server closed the connection"));
                return;
            }
        }
        catch (Exception fault)
        {
            End(Failures.Lost("receiving failed: " + fault.Message));
        }
        finally
        {
            await _wire.Input.CompleteAsync();
        }
    }

    /// <summary>Consumes every whole reply of the buffer. Returns what is wrong with the stream, if anything.</summary>
    string? Take(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            switch (_scanner.Scan(buffer, out var length))
            {
                case RespScanner.Status.Incomplete: return null;
                case RespScanner.Status.Invalid: return _scanner.Problem;
            }

            var reply = new RespReader(buffer.Slice(0, length));
            buffer = buffer.Slice(length);
            var kind = reply.Kind;
            if (kind == RespKind.Push || (_pushesAreArrays && kind == RespKind.Array && IsPublished(reply)))
            {
                TakePush(ref reply);
                continue;
            }

            if (_queue.Dequeue() is not { } slot) return "a reply that nothing asked for";
            Answer(slot, ref reply);
        }

        return null;
    }

    void Answer(CommandSlot slot, ref RespReader reply)
    {
        if (reply.TryReadError(out var error))
        {
            var isMissing = slot.Script is not null && RedisFailure.CodeOf(error) == "NOSCRIPT";
            if (isMissing && slot.IsPending && _queue.TryReplay(slot, slot.Script!)) return;
            if (slot.TryClaim()) slot.Fail(RedisFailure.Server(error, slot.IsScript));
        }
        else if (slot.TryClaim())
        {
            slot.Complete(ref reply);
        }

        slot.Release();
    }

    void TakePush(ref RespReader push)
    {
        if (!push.TryReadArray(out var count) || count == 0 || !push.TryReadSpan(out var kind)) return;
        if (kind.SequenceEqual("message"u8))
        {
            if (push.TryReadSpan(out var channel) && push.TryReadBytes(out var payload)) _pushes.OnMessage(channel, payload ?? []);
            return;
        }

        if (_queue.DequeueConfirmedBy(kind) is { } slot)
        {
            if (slot.TryClaim()) slot.Complete(ref push);
            slot.Release();
            return;
        }

        _pushes.OnUnknownPush();
    }

    static bool IsPublished(RespReader reply) =>
        reply.TryReadArray(out _) && reply.TryReadSpan(out var kind)
        && (kind.SequenceEqual("message"u8)
            || kind.SequenceEqual(SubscribeSlot.Subscribe)
            || kind.SequenceEqual(SubscribeSlot.Unsubscribe));
}

/// <summary>Where push messages go. Called on the read loop: must be quick.</summary>
interface IPushTarget
{
    void OnMessage(ReadOnlySpan<byte> channel, byte[] payload);

    void OnUnknownPush();
}

/// <summary>
/// A stream and the pipe that reads it. The pipe outlives the handshake, so that no byte behind the last handshake reply is
/// lost.
/// </summary>
sealed class WireStream(Stream stream) : IDisposable
{
    const int ReadBufferBytes = 32 * 1024;

    public Stream Stream { get; } = stream;

    public PipeReader Input { get; } = PipeReader.Create(
        stream, new StreamPipeReaderOptions(bufferSize: ReadBufferBytes, minimumReadSize: ReadBufferBytes / 8));

    public void Dispose() => Stream.Dispose();
}
