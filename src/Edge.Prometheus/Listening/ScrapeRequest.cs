namespace Edge.Prometheus.Listening;

/// <summary>What counts of a request.</summary>
/// <param name="Path">Without the query.</param>
/// <param name="TimeoutSeconds">As Prometheus wrote it.</param>
internal readonly record struct ScrapeRequest(string Method, string Path, string? Accept, string? AcceptEncoding, string? TimeoutSeconds);

/// <param name="Length">Bytes of the body; also where none is sent, for HEAD.</param>
/// <param name="Others">Further headers.</param>
internal readonly record struct ReplyHead(int Status, string ContentType, int Length, (string Name, string Value)[] Others);

/// <summary>Where the answer to a request goes.</summary>
internal interface IScrapeReply
{
    /// <summary>Once per request. Throws what the network has to say.</summary>
    Task Send(ReplyHead head, ReadOnlyMemory<byte> body, CancellationToken late);
}
