using Edge.Data;

namespace Edge.Hosting;

/// <summary><c>edge migrate</c>: what it did on standard output, why it could not on standard error.</summary>
internal static class MigrateCommand
{
    public static async Task<int> Run(DatabaseOptions options, bool onlyPending, CancellationToken cancelled)
    {
        // A pool of its own: migrations set timeouts on their session, which the API's connections must never carry.
        await using var source = Database.SessionSource(options);
        var migrator = new Migrator(source, Console.Error, TimeProvider.System);
        var result = onlyPending ? await migrator.Pending(cancelled) : await migrator.Run(cancelled);
        if (result.Outcome == MigrationOutcome.DatabaseNewer)
        {
            // A rollback: migrations only add, so the version before works on the schema after it. Refusing would block the way back.
            Console.Error.WriteLine("edge migrate: warning: " + result.Message);
            return EdgeCommand.Success;
        }
        (result.Succeeded ? Console.Out : Console.Error).WriteLine("edge migrate: " + result.Message);
        return result.Succeeded ? EdgeCommand.Success : EdgeCommand.Failure;
    }
}
