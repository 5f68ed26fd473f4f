namespace Edge.Data;

public enum MigrationOutcome
{
    /// <summary>The files named were applied.</summary>
    Applied,

    /// <summary>The database was up to date.</summary>
    NothingToDo,

    /// <summary>Answer of <see cref="Migrator.Pending"/>: the files named would be applied.</summary>
    Pending,

    /// <summary>An applied file has been edited since.</summary>
    ChecksumDiffers,

    /// <summary>The database holds versions that this binary does not know.</summary>
    DatabaseNewer,

    /// <summary>A version below an applied one has never been applied.</summary>
    Gap,

    /// <summary>The database keeps its text in another encoding than UTF8.</summary>
    WrongEncoding,

    /// <summary>A table stayed locked by others through every attempt.</summary>
    TableLocked,

    /// <summary>Another instance was migrating for as long as this one waits.</summary>
    Busy,

    /// <summary>A statement failed.</summary>
    Failed,

    /// <summary>No connection, or it broke.</summary>
    Unreachable,
}

/// <summary>
/// <see cref="Files"/>: the ones applied, also those before a failure; for <see cref="MigrationOutcome.Pending"/> the ones to come.
/// <see cref="Message"/> is for the operator's terminal. It has the server's own words: never send it to a client.
/// </summary>
public sealed record MigrationResult(MigrationOutcome Outcome, IReadOnlyList<string> Files, string Message)
{
    public bool Succeeded => Outcome is MigrationOutcome.Applied or MigrationOutcome.NothingToDo or MigrationOutcome.Pending;
}
