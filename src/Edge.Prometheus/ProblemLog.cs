namespace Edge.Prometheus;

/// <summary>Tells the caller of each problem once: a scrape comes every few seconds, and would say the same each time. Thread-safe.</summary>
internal sealed class ProblemLog(Action<PrometheusProblem> tell)
{
    /// <summary>Subjects remembered. Those beyond are not told: by then the operator knows that something is wrong.</summary>
    const int MaxSubjects = 1_000;

    readonly HashSet<(PrometheusProblemKind Kind, string Subject)> _told = [];
    readonly Lock _gate = new();

    public void Tell(PrometheusProblemKind kind, string subject, string text)
    {
        lock (_gate)
        {
            if (_told.Count >= MaxSubjects || !_told.Add((kind, subject))) return;
        }

        try
        {
            tell(new(kind, text));
        }
        catch (Exception)
        {
            // A callback that fails must not take the scrape with it, and there is nobody else to tell.
        }
    }

    /// <summary>Tells of a start that failed. What the callback throws is the caller's decision, and is thrown on.</summary>
    public void TellOfStart(PrometheusProblem problem) => tell(problem);
}
