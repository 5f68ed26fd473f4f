namespace Edge.Http;

/// <summary>Whole seconds for headers.</summary>
internal static class Seconds
{
    /// <summary>Rounded up: who waits that long has waited long enough.</summary>
    public static int Of(long ns) => (int)Math.Min(int.MaxValue, (Math.Max(0, ns) + 999_999_999) / 1_000_000_000);
}
