using System.Runtime.CompilerServices;
using Edge.Core.Basics;
using Edge.Core.Caching;

namespace Edge.Micro;

/// <summary>A whole hit of the engine: key by span, clock, generations, counters, answer.</summary>
internal static class HitScenarios
{
    static readonly char[] Key = "/api/products/12345".ToCharArray();

    static readonly CachePolicy Policy = new() { Name = "micro", DurationMs = 3_600_000 };

    public static Scenario[] All()
    {
        var (untagged, tagged) = (Loaded(), Loaded("product:12345", "product"));
        return
        [
            new("EdgeCache.TryGet", operations => Hits(untagged, operations)) { Budget = "hit" },
            new("EdgeCache.TryGet, two tags", operations => Hits(tagged, operations)) { Budget = "hit" },
            new("EdgeCache.TryGet, two tags, every hit after an invalidation of another tag", operations => Revalidated(tagged, operations)),
            new("EdgeCache.InvalidateTags, alone", operations => Invalidations(tagged, operations)),
        ];
    }

    static EdgeCache Loaded(params string[] tags)
    {
        var cache = new EdgeCache(new() { BudgetBytes = 64 << 20 }, TimeProvider.System, new RandomSource(1));
        var load = cache.GetOrLoad(
            Key, new CacheKind<string>(Policy), cache.PlacesOf(tags), 0, static (_, _) => new ValueTask<Loaded<string>>(new Loaded<string>("value", 64)), CancellationToken.None);
        load.AsTask().GetAwaiter().GetResult();
        return cache;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Hits(EdgeCache cache, int operations)
    {
        var found = 0L;
        for (var i = 0; i < operations; i++)
            if (cache.TryGet<string>(Key, out var answer)) found += answer.Value.Length;
        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Revalidated(EdgeCache cache, int operations)
    {
        var found = 0L;
        for (var i = 0; i < operations; i++)
        {
            cache.InvalidateTags(["another"]).GetAwaiter().GetResult();
            if (cache.TryGet<string>(Key, out var answer)) found += answer.Value.Length;
        }
        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Invalidations(EdgeCache cache, int operations)
    {
        for (var i = 0; i < operations; i++)
            cache.InvalidateTags(["another"]).GetAwaiter().GetResult();
        return operations;
    }
}
