[assembly: AssemblyFixture(typeof(Edge.ApiTests.TestBed))]

namespace Edge.ApiTests;

/// <summary>
/// What all facts share: one seeded database, and per way of running Edge one instance over it. They live as long as the test program,
/// and an instance starts when the first fact asks for it: a run without native classes needs no native binary.
/// </summary>
public sealed class TestBed : IAsyncLifetime
{
    SeededDatabase? _database;

    internal EdgeWay InProcess { get; private set; } = null!;

    internal EdgeWay Native { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await SeededDatabase.Create(TestContext.Current.CancellationToken);
        InProcess = new InProcess(_database);
        Native = new Native(_database);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is null)
            return;
        await InProcess.DisposeAsync();
        await Native.DisposeAsync();
        await _database.DisposeAsync();
    }
}
