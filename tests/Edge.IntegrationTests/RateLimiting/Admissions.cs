using Edge.Core.RateLimiting;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>
/// Requests that were admitted, each with times taken before it was sent and after its answer came. It was decided in between, so whatever lies
/// wholly within a stretch of time was decided in it: what is counted is never more than was.
/// </summary>
sealed class Admissions
{
    readonly Lock _gate = new();
    readonly List<(long FromNs, long TillNs)> _admitted = [];

    public int Count
    {
        get
        {
            lock (_gate) return _admitted.Count;
        }
    }

    /// <summary>
    /// Of those that were answered from then on, and how many a steady flood is allowed until its last answer. Not until it was to end: a pause across that
    /// moment moves answers behind it.
    /// </summary>
    public (int Count, double Allowed) Since(long fromNs, RateLimit limit)
    {
        lock (_gate) return (_admitted.Count(request => request.TillNs >= fromNs), (LastNs - fromNs) / (double)limit.IntervalNs);
    }

    /// <summary>The longest that a request waited for its decision.</summary>
    public long SlowestNs { get; private set; }

    /// <summary>When the last answer came, of whatever kind.</summary>
    public long LastNs { get; private set; }

    public void Answered(long fromNs, long tillNs, bool isAllowed)
    {
        lock (_gate)
        {
            SlowestNs = Math.Max(SlowestNs, tillNs - fromNs);
            LastNs = Math.Max(LastNs, tillNs);
            if (isAllowed) _admitted.Add((fromNs, tillNs));
        }
    }

    /// <summary>The first stretch of time with more than the limit allows, in words; null: there is none.</summary>
    public string? Excess(RateLimit limit)
    {
        lock (_gate)
        {
            _admitted.Sort(static (left, right) => left.TillNs.CompareTo(right.TillNs));
            foreach (var fromNs in _admitted.Select(static request => request.FromNs).Distinct())
            {
                var sum = 0L;
                foreach (var request in _admitted)
                {
                    if (request.FromNs < fromNs) continue;
                    sum++;
                    // The store's clock may be slewed against ours, by at most a two thousandth.
                    var stretchNs = (request.TillNs - fromNs) * 2001 / 2000;
                    if (sum * limit.IntervalNs > limit.FullNs + stretchNs) return $"{limit}: {sum} within {stretchNs / 1e9} s";
                }
            }
            return null;
        }
    }
}
