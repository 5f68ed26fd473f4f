using System.Text;
using Edge.Prometheus.Scraping;

namespace Edge.Prometheus.Listening;

/// <summary>
/// What a request is answered with. Errors have a text too, and a Content-Type: Prometheus 3 refuses an answer without one before it looks at anything
/// else.
/// </summary>
internal sealed class ScrapeAnswers(PrometheusHttpListenerOptions options, ScrapeCoalescer coalescer)
{
    public const string PlainText = "text/plain; charset=utf-8";

    /// <summary>For a client that stops reading: its connection is cut, and the answer's buffer free again.</summary>
    static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(30);

    static readonly (string, string)[] Vary = [("Vary", "Accept, Accept-Encoding")];
    static readonly (string, string)[] VaryAndGzip = [.. Vary, ("Content-Encoding", "gzip")];
    static readonly (string, string)[] Allow = [("Allow", "GET, HEAD")];

    /// <param name="isRefused">There are too many requests already.</param>
    public async Task Answer(ScrapeRequest request, IScrapeReply reply, bool isRefused)
    {
        var isHead = request.Method == "HEAD";
        if (request.Path != options.Path) await Say(404, $"Metrics are at {options.Path}.\n", []);
        else if (!isHead && request.Method != "GET") await Say(405, "Metrics are read with GET.\n", Allow);
        else if (isRefused) await Say(503, "Too many scrapes at once.\n", []);
        else await Scrape();

        async Task Scrape()
        {
            var wanted = Negotiation.Of(request.Accept, request.AcceptEncoding);
            var timeout = ScrapeDeadline.Of(request.TimeoutSeconds, options.ScrapeTimeoutMilliseconds);
            var outcome = await coalescer.Scrape(wanted.Format, wanted.IsGzip, timeout);
            if (outcome.Body is not { } body)
            {
                var (status, text) = ErrorOf(outcome.Status);
                await Say(status, text, []);
                return;
            }

            try
            {
                await Send(200, wanted.ContentType, body.Bytes(wanted.IsGzip), wanted.IsGzip ? VaryAndGzip : Vary);
            }
            finally
            {
                coalescer.Release(body);
            }
        }

        Task Say(int status, string text, (string, string)[] others) => Send(status, PlainText, Encoding.UTF8.GetBytes(text), others);

        async Task Send(int status, string contentType, ReadOnlyMemory<byte> bytes, (string, string)[] others)
        {
            using var late = new CancellationTokenSource(SendTimeout, options.Clock);
            await reply.Send(new(status, contentType, bytes.Length, others), isHead ? default : bytes, late.Token);
        }
    }

    static (int Status, string Text) ErrorOf(ScrapeStatus status) => status switch
    {
        ScrapeStatus.TimedOut => (408, "The metrics were not collected in the time that this scrape had.\n"),
        ScrapeStatus.Unavailable => (503, "The service is starting or stopping.\n"),
        ScrapeStatus.TooLarge => (500, "The metrics are larger than MaxResponseBytes.\n"),
        _ => (500, "The metrics could not be collected.\n"),
    };
}
