using Edge.Data;

namespace Edge.Hosting;

/// <summary><c>edge migrate</c>: what it did on standard output, why it could not on standard error.</summary>
internal static class MigrateCommand
{
    public static async Task<int> Run(DatabaseOptions options, bool onlyPending, CancellationToken cancelled)
    {
        // A pool of its own, of one: migrations set timeouts on their session, which the API's connections must never carry.
        await using var source = Database.SessionSource(options);
        var migrator = new Migrator(source, Console.Error, TimeProvider.System);
        var result = onlyPending ? await migrator.Pending(cancelled) : await migrator.Run(cancelled);
        (result.Succeeded ? Console.Out : Console.Error).WriteLine("edge migrate: " + result.Message);
        return result.Succeeded ? EdgeCommand.Success : EdgeCommand.Failure;
    }
}
