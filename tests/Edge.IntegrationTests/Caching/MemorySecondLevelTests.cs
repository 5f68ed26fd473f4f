using Edge.Core.Caching.L2;
using Edge.Testing.Caching;

namespace Edge.IntegrationTests.Caching;

/// <summary>The model, held to what Redis is held to.</summary>
public sealed class MemorySecondLevelTests : SecondLevelConformance
{
    readonly MemorySecondLevel _memory = new(TimeProvider.System);

    protected override Task<ISecondLevel> Connect() => Task.FromResult<ISecondLevel>(_memory.Connect("a link"));

    protected override Task Forget()
    {
        _memory.Forget();
        return Task.CompletedTask;
    }
}
