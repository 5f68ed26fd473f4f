namespace Edge.Prometheus;

/// <summary>What went wrong, closed: callers may switch over it.</summary>
public enum PrometheusProblemKind
{
    /// <summary>Options or environment variables that cannot be used. Nothing listens.</summary>
    InvalidOptions,

    /// <summary>Another process, or another listener of this one, has the port. Nothing listens.</summary>
    PortInUse,

    /// <summary>This machine has no such address, or the name does not resolve. Nothing listens.</summary>
    AddressNotAvailable,

    /// <summary>The operating system forbids the port. Nothing listens.</summary>
    AccessDenied,

    /// <summary>The listener did not start for another reason. Nothing listens.</summary>
    NotStarted,

    /// <summary>A histogram has exponential buckets, which the text formats cannot hold. It is left out.</summary>
    ExponentialHistogram,

    /// <summary>Two metrics have the same name in Prometheus and different types, or names that clash by a suffix. The later is left out.</summary>
    NameConflict,

    /// <summary>Two series have the same name and labels in Prometheus. The later is left out.</summary>
    DuplicateSeries,

    /// <summary>A scrape failed and was answered with 500.</summary>
    ScrapeFailed,

    /// <summary>The answer would be larger than MaxResponseBytes; the scrape was answered with 500.</summary>
    ResponseTooLarge,
}

/// <summary>One thing that an operator should know. Reported once per kind and subject.</summary>
/// <param name="Kind">For programs.</param>
/// <param name="Text">For people: what happened, where, and the setting or call that mends it.</param>
public sealed record PrometheusProblem(PrometheusProblemKind Kind, string Text)
{
    /// <summary>The listener is not there, and will not be: metrics cannot be scraped.</summary>
    public bool IsStartFailure => Kind is PrometheusProblemKind.InvalidOptions or PrometheusProblemKind.PortInUse
        or PrometheusProblemKind.AddressNotAvailable or PrometheusProblemKind.AccessDenied or PrometheusProblemKind.NotStarted;
}
