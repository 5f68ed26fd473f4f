namespace Edge.Core.Caching;

/// <summary>How an instance and the second level get on.</summary>
/// <param name="IsOpen">The second level is used, and nothing is being missed.</param>
/// <param name="Pending">Places moved here of which the second level has not been told yet.</param>
/// <param name="Closings">How often it was closed: link lost, too many failures, an invalidation that did not get through.</param>
/// <param name="Gaps">How often news was missed and everything was compared anew.</param>
/// <param name="MemoryLost">How often the second level had forgotten everything, or gone back.</param>
public readonly record struct BackplaneState(
    bool IsOpen, int Pending, long Calls, long Failures, long Closings, long Gaps, long MemoryLost, long News);
