namespace Edge.Data;

internal readonly record struct AppliedMigration(int Version, string Name, byte[] Checksum);

/// <summary>What to apply, or why nothing may be. A pure function of the binary's files and the database's rows.</summary>
internal sealed record MigrationPlan(IReadOnlyList<MigrationFile> Pending, MigrationResult? Refusal)
{
    /// <remarks><paramref name="applied"/> ascends by version.</remarks>
    public static MigrationPlan Make(IReadOnlyList<MigrationFile> files, IReadOnlyList<AppliedMigration> applied)
    {
        if (applied.Count > 0 && applied[^1].Version > files.Count)
            return Refuse(MigrationOutcome.DatabaseNewer,
                $"this binary knows migrations up to {files.Count}, the database has {applied[^1].Version} ({applied[^1].Name}): "
                + "deploy a newer binary");
        for (var i = 0; i < applied.Count; i++)
        {
            if (applied[i].Version != i + 1)
                return Refuse(MigrationOutcome.Gap,
                    $"the database has migration {applied[i].Version} but not {files[i].FileName}: edge_migrations was edited by hand, or a branch "
                    + $"with other numbers was deployed; apply {files[i].FileName} by hand and record it, or restore a backup");
            if (!applied[i].Checksum.AsSpan().SequenceEqual(files[i].Checksum))
                return Refuse(MigrationOutcome.ChecksumDiffers,
                    $"{files[i].FileName} has changed since it was applied to this database: restore the file, and put the change "
                    + $"into a new migration {files.Count + 1:0000}_….sql (on a development database you may start over instead)");
        }
        var pending = new List<MigrationFile>();
        for (var i = applied.Count; i < files.Count; i++) pending.Add(files[i]);
        return new(pending, null);
    }

    static MigrationPlan Refuse(MigrationOutcome outcome, string message) => new([], new(outcome, [], message));
}
