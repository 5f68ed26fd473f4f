namespace Edge.Core.Caching;

/// <summary>A load took longer than its policy allows. It may still be under way; its callers were told this instead.</summary>
public sealed class LoadTimeoutException(string message) : TimeoutException(message);
