using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;

namespace Edge.Testing;

/// <param name="Parent">Empty: it is the first of its trace.</param>
/// <param name="Kind">As opentelemetry.proto.trace.v1 numbers them: 1 internal, 2 server, 3 client.</param>
/// <param name="Attributes">Numbers and lists as text.</param>
/// <param name="IsError">Its status says so.</param>
public sealed record CollectedSpan(string Trace, string Id, string Parent, string Name, int Kind, IReadOnlyDictionary<string, string> Attributes, bool IsError);

/// <param name="Body">As it came, unpacked.</param>
public sealed record CollectedRequest(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A collector on loopback that takes OTLP over HTTP and keeps what it gets.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    const int PortAttempts = 5;

    readonly HttpListener _listener = new();
    readonly ConcurrentQueue<CollectedRequest> _requests = new();
    readonly Task _serving;

    OtlpCollector(int port)
    {
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        _listener.Prefixes.Add(Endpoint + "/");
        _listener.Start();
        _serving = Serve();
    }

    /// <summary>For OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public string Endpoint { get; }

    /// <summary>What it answers.</summary>
    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    public IReadOnlyCollection<CollectedRequest> Requests => _requests;

    /// <summary>All so far, in the order of their ends.</summary>
    public IReadOnlyList<CollectedSpan> Spans => [.. _requests.Where(static request => request.Path == "/v1/traces").SelectMany(static request => OtlpReader.Spans(request.Body))];

    /// <param name="port">Null: a free one.</param>
    public static OtlpCollector Start(int? port = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(port ?? FreePort.Of());
            }
            catch (HttpListenerException) when (port is null && attempt < PortAttempts)
            {
                // Between choosing a free port and binding it, another process may take it.
            }
        }
    }

    /// <summary>Waits until a whole trace is there: with the span of its request, which ends last of those that its answer waits for.</summary>
    /// <param name="isWhole">Of its spans.</param>
    public async Task<IReadOnlyList<CollectedSpan>> Trace(Func<IReadOnlyList<CollectedSpan>, bool> isWhole, string what, CancellationToken cancel)
    {
        IReadOnlyList<CollectedSpan>? found = null;
        await Poll.Until(
            () => (found = Spans.GroupBy(static span => span.Trace).Select(static trace => (IReadOnlyList<CollectedSpan>)[.. trace]).FirstOrDefault(isWhole)) is not null,
            $"the collector has {what}", cancel);
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    async Task Serve()
    {
        try
        {
            while (true)
                await Take(await _listener.GetContextAsync());
        }
        catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    async Task Take(HttpListenerContext context)
    {
        var request = context.Request;
        var headers = request.Headers.AllKeys.ToDictionary(static name => name!, name => request.Headers[name]!, StringComparer.OrdinalIgnoreCase);
        var body = new MemoryStream();
        await using (var stream = headers.GetValueOrDefault("Content-Encoding") == "gzip" ? new GZipStream(request.InputStream, CompressionMode.Decompress) : request.InputStream)
            await stream.CopyToAsync(body);
        if (Status == HttpStatusCode.OK)
            _requests.Enqueue(new(request.Url!.AbsolutePath, headers, body.ToArray()));
        context.Response.StatusCode = (int)Status;
        context.Response.Close();
    }
}
