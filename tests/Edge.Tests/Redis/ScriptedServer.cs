using System.Text;
using System.Threading.Channels;
using Edge.Redis;
using Edge.Tests.Basics;

namespace Edge.Tests.Redis;

/// <summary>The server's end of connections that exist in memory only. A test says what must come and what goes back.</summary>
sealed class ScriptedServer
{
    public const string Hello = "*4\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$7\r\nSETNAME\r\n$4\r\nedge\r\n";
    public const string HelloReply = "%2\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n";

    readonly Channel<ScriptedConnection> _accepted = Channel.CreateUnbounded<ScriptedConnection>();
    int _dialled;

    /// <summary>While true, dialling fails at once.</summary>
    public bool Refuses { get; set; }

    /// <summary>While true, dialling never ends.</summary>
    public bool Hangs { get; set; }

    public int Dialled => Volatile.Read(ref _dialled);

    /// <param name="time">Default: stands still, so that no deadline passes however slow the machine is.</param>
    public RedisClient Client(
        TimeProvider? time = null,
        RedisOptions? options = null,
        Action<RedisStatus>? onStateChange = null,
        IRedisObserver? observer = null) =>
        new(options ?? new RedisOptions(), Dial, time ?? new FakeTime(), new Random(7), onStateChange, observer);

    public async Task<ScriptedConnection> Accept() => await _accepted.Reader.ReadAsync().In();

    /// <summary>Accepts the next connection and plays the login of default options.</summary>
    public async Task<ScriptedConnection> AcceptLogin()
    {
        var connection = await Accept();
        await connection.Expect(Hello);
        connection.Send(HelloReply);
        return connection;
    }

    async ValueTask<Stream> Dial(CancellationToken cancel)
    {
        Interlocked.Increment(ref _dialled);
        if (Refuses) throw new IOException("connection refused");
        if (Hangs) await new TaskCompletionSource().Task.WaitAsync(cancel);
        var connection = new ScriptedConnection();
        _accepted.Writer.TryWrite(connection);
        return connection.ClientEnd;
    }
}

sealed class ScriptedConnection
{
    readonly ChunkStream _stream = new();
    readonly List<byte> _received = [];

    public Stream ClientEnd => _stream;

    /// <summary>While set, the client's writes wait for it: a socket whose peer does not read.</summary>
    public TaskCompletionSource? WriteGate
    {
        get => _stream.WriteGate;
        set => _stream.WriteGate = value;
    }

    /// <summary>Waits for exactly these bytes.</summary>
    public async Task Expect(string bytes)
    {
        var wanted = Encoding.Latin1.GetBytes(bytes);
        while (_received.Count < wanted.Length)
        {
            if (!await _stream.FromClient.Reader.WaitToReadAsync().In()) break;
            while (_stream.FromClient.Reader.TryRead(out var chunk)) _received.AddRange(chunk);
        }

        var got = _received.Take(wanted.Length).ToArray();
        Assert.Equal(Text(wanted), Text(got));
        _received.RemoveRange(0, got.Length);
    }

    /// <summary>Each of the pieces arrives in a read of its own.</summary>
    public void Send(params ReadOnlySpan<string> pieces)
    {
        foreach (var piece in pieces) _stream.ToClient.Writer.TryWrite(Encoding.Latin1.GetBytes(piece));
    }

    /// <summary>Until the client has begun a write that waits for <see cref="WriteGate"/>.</summary>
    public Task WriterIsStuck() => Eventually.Holds(() => _stream.WaitingWrites > 0);

    /// <summary>Until the client has taken what was sent and asks for more: it has dealt with all of it.</summary>
    public Task ClientHasReadEverything() => Eventually.Holds(() => _stream.IsWaitingForMore);

    /// <summary>Until the client has closed its end.</summary>
    public Task IsHungUp() => _stream.FromClient.Reader.Completion.In();

    public void Close() => _stream.ToClient.Writer.TryComplete();

    static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes).Replace("\r\n", "\\r\\n", StringComparison.Ordinal);
}

/// <summary>A stream whose reads end where a chunk ends.</summary>
sealed class ChunkStream : Stream
{
    ReadOnlyMemory<byte> _rest;
    int _waitingWrites;
    int _waitingReads;

    public Channel<byte[]> ToClient { get; } = Channel.CreateUnbounded<byte[]>();

    public Channel<byte[]> FromClient { get; } = Channel.CreateUnbounded<byte[]>();

    public TaskCompletionSource? WriteGate { get; set; }

    public int WaitingWrites => Volatile.Read(ref _waitingWrites);

    public bool IsWaitingForMore => Volatile.Read(ref _waitingReads) > 0 && ToClient.Reader.Count == 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            Interlocked.Increment(ref _waitingReads);
            var more = await ToClient.Reader.WaitToReadAsync(cancellationToken);
            Interlocked.Decrement(ref _waitingReads);
            if (!more) return 0;
            if (ToClient.Reader.TryRead(out var chunk)) _rest = chunk;
        }

        var count = Math.Min(_rest.Length, buffer.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (WriteGate is { } gate)
        {
            Interlocked.Increment(ref _waitingWrites);
            await gate.Task.WaitAsync(cancellationToken);
        }

        if (!FromClient.Writer.TryWrite(buffer.ToArray())) throw new IOException("broken pipe");
    }

    protected override void Dispose(bool disposing)
    {
        ToClient.Writer.TryComplete(new ObjectDisposedException(nameof(ChunkStream)));
        FromClient.Writer.TryComplete();
        WriteGate?.TrySetException(new IOException("disposed"));
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
