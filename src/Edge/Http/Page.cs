namespace Edge.Http;

/// <summary>An answer that has a next page; the writer turns it into the <c>Link</c> header.</summary>
internal interface IPage
{
    string? NextCursor { get; }
}

/// <summary>A page of a list. <c>nextCursor</c> is null on the last one.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor) : IPage;
