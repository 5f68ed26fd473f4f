namespace Edge.Core.Resilience;

/// <summary>How a <see cref="LoadGate"/> works. Made by the settings reader, which has checked every value.</summary>
public sealed record LoadGateOptions
{
    /// <summary>What the cap never falls below. Default 16. Range 1 to <see cref="Ceiling"/>.</summary>
    public int Floor { get; init; } = 16;

    /// <summary>What the cap never rises above. Default 1,000. Range <see cref="Floor"/> to 100,000.</summary>
    public int Ceiling { get; init; } = 1_000;

    /// <summary>The cap before anything has been measured; brought between floor and ceiling. Default 64.</summary>
    public int Initial { get; init; } = 64;

    /// <summary>
    /// How long work may wait for its turn in a burst, in milliseconds. Once there has been a queue for as long as this, it is a tenth. Default 500.
    /// Range 10–60,000.
    /// </summary>
    public int QueueMs { get; init; } = 500;

    /// <summary>How much work may wait, of all classes together. Default 1,024. Range 1–100,000.</summary>
    public int Places { get; init; } = 1_024;

    /// <summary>How often the time that work takes is looked at, in milliseconds, at least. Default 100. Range 10–10,000.</summary>
    public int WindowMs { get; init; } = 100;

    /// <summary>After how long at the cap it is tried whether the work takes longer by itself by now, in milliseconds. Default 30,000. Range 1,000–3,600,000.</summary>
    public int ProbeMs { get; init; } = 30_000;

    internal long StandingBudgetNs => QueueMs * (1_000_000L / StandingPart);

    internal long BurstBudgetNs => QueueMs * 1_000_000L;

    const int StandingPart = 10;
}
