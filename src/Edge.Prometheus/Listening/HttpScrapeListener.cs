using System.Net;

namespace Edge.Prometheus.Listening;

/// <summary>Requests by HttpListener.</summary>
internal sealed class HttpScrapeListener : ScrapeListener
{
    const int PauseAfterFailureMs = 100;

    readonly HttpListener _listener = new() { IgnoreWriteExceptions = true };
    readonly PrometheusHttpListenerOptions _options;
    readonly ScrapeAnswers _answers;
    readonly ProblemLog _problems;

    HttpScrapeListener(PrometheusHttpListenerOptions options, ScrapeAnswers answers, ProblemLog problems) : base(options)
    {
        _options = options;
        _answers = answers;
        _problems = problems;
    }

    /// <exception cref="HttpListenerException">It cannot listen there.</exception>
    public static HttpScrapeListener Open(PrometheusHttpListenerOptions options, ScrapeAnswers answers, ProblemLog problems)
    {
        var opened = new HttpScrapeListener(options, answers, problems);
        try
        {
            foreach (var prefix in ListenerPrefixes.Of(options.Host, options.Port)) opened._listener.Prefixes.Add(prefix);
            opened._listener.Start();
        }
        catch
        {
            opened._listener.Abort();
            throw;
        }

        // Ends when the listener is stopped, and lets nothing escape.
        _ = opened.TakeRequests();
        return opened;
    }

    protected override void Close() => _listener.Close();

    async Task TakeRequests()
    {
        while (!IsStopped)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Serve(context, isRefused: !InHand.TryBegin());
            }
            catch (Exception) when (IsStopped || !_listener.IsListening)
            {
                return;
            }
            catch (Exception exception)
            {
                _problems.Tell(PrometheusProblemKind.ScrapeFailed, nameof(TakeRequests), $"A request could not be taken: {exception.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(PauseAfterFailureMs), _options.Clock);
            }
        }
    }

    async Task Serve(HttpListenerContext context, bool isRefused)
    {
        // The loop that takes requests must not wait for one that can be answered at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            // HttpListener ends what is left when it is closed by an empty answer. It must not be a 200.
            context.Response.StatusCode = 503;
            context.Response.ContentType = ScrapeAnswers.PlainText;
            await _answers.Answer(RequestOf(context.Request), new Reply(context.Response), isRefused);
        }
        catch (Exception exception)
        {
            context.Response.Abort();
            // Those are clients that went away.
            if (exception is not (HttpListenerException or IOException or ObjectDisposedException))
                _problems.Tell(PrometheusProblemKind.ScrapeFailed, exception.GetType().Name, $"A request could not be answered: {exception}");
        }
        finally
        {
            if (!isRefused) InHand.End();
        }
    }

    static ScrapeRequest RequestOf(HttpListenerRequest request) => new(
        request.HttpMethod, request.Url?.AbsolutePath ?? "", request.Headers["Accept"], request.Headers["Accept-Encoding"],
        request.Headers[Scraping.ScrapeDeadline.Header]);

    sealed class Reply(HttpListenerResponse response) : IScrapeReply
    {
        public async Task Send(ReplyHead head, ReadOnlyMemory<byte> body, CancellationToken late)
        {
            response.StatusCode = head.Status;
            response.ContentType = head.ContentType;
            response.ContentLength64 = head.Length;
            foreach (var (name, value) in head.Others) response.AddHeader(name, value);
            // Writing cannot be cancelled here, only cut off.
            using var cut = late.UnsafeRegister(static response => ((HttpListenerResponse)response!).Abort(), response);
            if (body.Length > 0) await response.OutputStream.WriteAsync(body, CancellationToken.None);
            response.Close();
        }
    }
}
