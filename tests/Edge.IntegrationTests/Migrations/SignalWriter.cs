namespace Edge.IntegrationTests.Migrations;

/// <summary>Log of the code under test that says when a line has been written, so that tests need not wait by the clock.</summary>
internal sealed class SignalWriter : StringWriter
{
    readonly Lock gate = new();
    readonly List<(string Part, Action Reached)> watches = [];

    public Task Written(string part)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        When(part, written.SetResult);
        return written.Task;
    }

    /// <summary>Calls back once, on the writing thread, at the first line that holds <paramref name="part"/>.</summary>
    public void When(string part, Action reached)
    {
        lock (gate) watches.Add((part, reached));
    }

    public override void WriteLine(string? value)
    {
        List<(string Part, Action Reached)> due;
        lock (gate)
        {
            base.WriteLine(value);
            due = watches.FindAll(watch => value?.Contains(watch.Part, StringComparison.Ordinal) == true);
            watches.RemoveAll(due.Contains);
        }
        foreach (var (_, reached) in due) reached();
    }

    public override void WriteLine(System.Text.StringBuilder? value) => WriteLine(value?.ToString());

    public override string ToString()
    {
        lock (gate) return base.ToString();
    }
}
