using System.Net;
using Edge.Prometheus.Scraping;

namespace Edge.Prometheus.Listening;

/// <summary>
/// What a request is answered with. Errors have a text too, and a Content-Type: Prometheus 3 refuses an answer without one before it looks at anything
/// else.
/// </summary>
internal sealed class ScrapeAnswers(PrometheusHttpListenerOptions options, ScrapeCoalescer coalescer)
{
    const string PlainText = "text/plain; charset=utf-8";

    /// <summary>For a client that stops reading: its connection is cut, and the answer's buffer free again.</summary>
    static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(30);

    readonly byte[] _notFound = [.. "Metrics are at "u8, .. System.Text.Encoding.UTF8.GetBytes(options.Path), .. ".\n"u8];

    /// <param name="isRefused">There are too many requests already.</param>
    public async Task Answer(HttpListenerContext context, bool isRefused)
    {
        var (request, response) = (context.Request, context.Response);
        // HttpListener ends what is left when it is closed by an empty answer. It must not be a 200.
        response.StatusCode = 503;
        response.ContentType = PlainText;
        var isHead = request.HttpMethod == "HEAD";
        if (PathOf(request) != options.Path)
        {
            await Say(response, 404, _notFound, isHead);
        }
        else if (!isHead && request.HttpMethod != "GET")
        {
            response.AddHeader("Allow", "GET, HEAD");
            await Say(response, 405, "Metrics are read with GET.\n"u8.ToArray(), isHead);
        }
        else if (isRefused)
        {
            await Say(response, 503, "Too many scrapes at once.\n"u8.ToArray(), isHead);
        }
        else
        {
            await Scrape(request, response, isHead);
        }
    }

    async Task Scrape(HttpListenerRequest request, HttpListenerResponse response, bool isHead)
    {
        var wanted = Negotiation.Of(request.Headers["Accept"], request.Headers["Accept-Encoding"]);
        var timeout = ScrapeDeadline.Of(request.Headers[ScrapeDeadline.Header], options.ScrapeTimeoutMilliseconds);
        var outcome = await coalescer.Scrape(wanted.Format, wanted.IsGzip, timeout);
        if (outcome.Body is not { } body)
        {
            var (status, text) = ErrorOf(outcome.Status);
            await Say(response, status, text, isHead);
            return;
        }

        try
        {
            response.AddHeader("Vary", "Accept, Accept-Encoding");
            if (wanted.IsGzip) response.AddHeader("Content-Encoding", "gzip");
            await Send(response, 200, wanted.ContentType, body.Bytes(wanted.IsGzip), isHead);
        }
        finally
        {
            coalescer.Release(body);
        }
    }

    static (int Status, byte[] Text) ErrorOf(ScrapeStatus status) => status switch
    {
        ScrapeStatus.TimedOut => (408, "The metrics were not collected in the time that this scrape had.\n"u8.ToArray()),
        ScrapeStatus.Unavailable => (503, "The service is starting or stopping.\n"u8.ToArray()),
        ScrapeStatus.TooLarge => (500, "The metrics are larger than MaxResponseBytes.\n"u8.ToArray()),
        _ => (500, "The metrics could not be collected.\n"u8.ToArray()),
    };

    static string PathOf(HttpListenerRequest request) => request.Url?.AbsolutePath ?? request.RawUrl ?? "";

    Task Say(HttpListenerResponse response, int status, byte[] text, bool isHead) => Send(response, status, PlainText, text, isHead);

    async Task Send(HttpListenerResponse response, int status, string contentType, ReadOnlyMemory<byte> bytes, bool isHead)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength64 = bytes.Length;
        using var deadline = new CancellationTokenSource(SendTimeout, options.Clock);
        using var cut = deadline.Token.UnsafeRegister(static late => ((HttpListenerResponse)late!).Abort(), response);
        if (!isHead) await response.OutputStream.WriteAsync(bytes, CancellationToken.None);
        response.Close();
    }
}
