namespace Edge.Data.Seeding;

public enum SeedOutcome
{
    Seeded,

    /// <summary>This seeder has filled this database before, with the same options. Nothing was changed.</summary>
    AlreadySeeded,

    /// <summary>This seeder has filled this database before, with other options. Nothing was changed.</summary>
    SeededDifferently,

    /// <summary>There are users or products that the seeder did not make. Nothing was changed.</summary>
    NotEmpty,

    InvalidOptions,

    /// <summary>The tables are missing or old: migrate first.</summary>
    SchemaMissing,

    /// <summary>The server refused or went away. Everything was rolled back.</summary>
    Failed,
}

/// <summary><see cref="Rows"/> counts what was written; <see cref="Message"/> is for the operator's terminal, never for a client.</summary>
public sealed record SeedResult(SeedOutcome Outcome, string Message, long Rows = 0)
{
    public bool Succeeded => Outcome is SeedOutcome.Seeded or SeedOutcome.AlreadySeeded;
}
