using Edge.Core.RateLimiting;
using Edge.Testing.RateLimiting;

namespace Edge.IntegrationTests.RateLimiting;

/// <summary>The model, held to what Redis is held to.</summary>
public sealed class MemoryTokenStoreTests : TokenStoreConformance
{
    readonly MemoryTokenStore _memory = new(TimeProvider.System);

    protected override ITokenStore Connect() => _memory;

    protected override ValueTask<long> NowNs() => new(_memory.NowNs);

    protected override async Task<(TokenGrant Grant, long TatNs)> TakeAndRead(TokenRequest request) =>
        ((await _memory.Take(request, TimeoutMs))!.Value, _memory[request.Key]);

    protected override Task Write(UInt128 key, long tatNs)
    {
        _memory[key] = tatNs;
        return Task.CompletedTask;
    }
}
