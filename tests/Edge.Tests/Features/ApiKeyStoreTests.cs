using System.Buffers;
using Edge.Core.Basics;
using Edge.Core.Caching;
using Edge.Data.Changes;
using Edge.Features.ApiKeys;
using Edge.Hosting;
using Edge.Http;
using Edge.Tests.Basics;

namespace Edge.Tests.Features;

/// <summary>The lookup in one instance, with a table of keys in memory in place of the database.</summary>
public sealed class ApiKeyStoreTests : IAsyncDisposable
{
    const int BudgetBytes = 1 << 20;

    readonly FakeTime _time = new();
    readonly EdgeCache _cache;
    readonly ApiKeyStore _store;
    readonly Dictionary<string, ApiKey> _table = [];
    int _asked;
    Exception? _outage;

    public ApiKeyStoreTests()
    {
        _cache = new(new() { BudgetBytes = BudgetBytes }, _time, new RandomSource(1));
        _store = new(_cache, Ask);
    }

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Fact]
    public async Task A_key_is_asked_for_once_and_then_found_at_once()
    {
        var key = Issue(7, "batch");
        Assert.Equal(new ApiKey(7, "batch"), await Find(key));
        for (var i = 0; i < 10; i++)
        {
            var found = _store.Find(key, Cancelled);
            Assert.True(found.IsCompletedSuccessfully);
            Assert.Equal(new ApiKey(7, "batch"), await found);
        }
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_key_in_memory_costs_no_allocation_and_garbage_neither()
    {
        var key = Issue(7, "batch");
        await Find(key);
        var wrong = key[..^1] + (key[^1] == 'A' ? 'B' : 'A');
        long ByFinding(string presented) => Allocated.By(() =>
        {
            for (var i = 0; i < 1_000; i++)
                Assert.True(_store.TryFind(presented, out _));
        });
        Assert.Equal((0, 0, 0), (ByFinding(key), ByFinding(wrong), ByFinding("nonsense")));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task Garbage_is_refused_without_a_lookup()
    {
        var key = Issue(7, "batch");
        foreach (var garbage in (string[])["", "edge_", key[..^1], key.ToLowerInvariant() + "x", new string('x', 54)])
            Assert.Null(await Find(garbage));
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task A_key_that_there_is_not_is_remembered_for_seconds_and_found_when_there_is()
    {
        var key = ApiKeyText.New();
        for (var i = 0; i < 10; i++)
            Assert.Null(await Find(key));
        Assert.Equal(1, _asked);
        _table[HashOf(key)] = new(8, "late");
        await Heard(key);
        Assert.Equal(new ApiKey(8, "late"), await Find(key));

        var unheardOf = ApiKeyText.New();
        Assert.Null(await Find(unheardOf));
        _table[HashOf(unheardOf)] = new(9, "late");
        // NegativeMs and its jitter; then one reader is told the old answer while the new one comes.
        _time.Advance(TimeSpan.FromSeconds(6));
        await Find(unheardOf);
        Assert.Equal(new ApiKey(9, "late"), await Find(unheardOf));
    }

    [Fact]
    public async Task A_revocation_that_was_heard_of_is_final_even_without_the_database()
    {
        var (revoked, other) = (Issue(1, "a"), Issue(2, "b"));
        await Find(revoked);
        await Find(other);
        _table.Remove(HashOf(revoked));
        await Heard(revoked);
        Assert.Null(await Find(revoked));

        Assert.NotNull(await Find(other));
        _table.Remove(HashOf(other));
        await Heard(other);
        _outage = new TimeoutException("away");
        await Assert.ThrowsAsync<TimeoutException>(() => Find(other));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("\\x")]
    [InlineData("\\xzz")]
    public async Task What_is_told_without_a_hash_is_taken_without_harm(string? told)
    {
        var key = Issue(1, "a");
        await Find(key);
        await _cache.InvalidateTags(ChangeTags.Of(new RowChange("api_keys", told, 1)));
        Assert.Equal(new ApiKey(1, "a"), await Find(key));
        // What names no row stands for all of them; what names one that is no hash, for none.
        Assert.Equal(told is ['\\', 'x', ..] ? 1 : 2, _asked);
    }

    [Fact]
    public async Task Without_the_database_a_known_key_goes_on_and_an_unknown_one_fails()
    {
        var known = Issue(1, "a");
        await Find(known);
        _outage = new TimeoutException("away");
        for (var hours = 0; hours < 23; hours++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            // A reader may have to wait for the attempt to fail, never for more.
            Assert.Equal(new ApiKey(1, "a"), await Find(known));
        }
        await Assert.ThrowsAsync<TimeoutException>(() => Find(ApiKeyText.New()));
        _outage = null;
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(new ApiKey(1, "a"), await Find(known));
    }

    /// <summary>A trace that each of them adds to makes every throw dearer than the one before.</summary>
    [Fact]
    public async Task A_failed_lookup_is_told_to_the_thousandth_caller_at_the_price_of_the_tenth()
    {
        var key = ApiKeyText.New();
        var outage = new TimeoutException("away");
        _outage = outage;
        async Task FindInVain(int times)
        {
            for (var i = 0; i < times; i++)
                Assert.Same(outage, await Record.ExceptionAsync(() => Find(key)));
        }
        await FindInVain(10);
        var traced = outage.StackTrace!.Length;
        await FindInVain(1_000);
        Assert.Equal((1, traced), (_asked, outage.StackTrace!.Length));
    }

    /// <summary>Ten budgets of keys with right checksums that there are not: memory stays bounded, and what is in use stays.</summary>
    [Fact]
    public async Task A_flood_of_invented_keys_pushes_out_no_key_that_is_in_use()
    {
        string[] used = [.. Enumerable.Range(1, 20).Select(id => Issue(id, "plan"))];
        foreach (var key in used)
            await Find(key);
        var invented = 0;
        while (invented < 20_000)
        {
            Assert.Null(await Find(ApiKeyText.New()));
            if (++invented % 100 == 0)
                foreach (var key in used)
                    Assert.NotNull(await Find(key));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.True(_cache.Statistics().Bytes <= BudgetBytes);
        Assert.True(_cache.Statistics().Evictions > 0, "the flood did not fill the budget");
        Assert.Equal(invented + used.Length, _asked);
    }

    [Fact]
    public async Task Callers_who_come_together_are_one_lookup()
    {
        var key = Issue(1, "a");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        var store = new ApiKeyStore(
            _cache,
            async (_, _) =>
            {
                asked++;
                await gate.Task;
                return new ApiKey(1, "a");
            });
        Task<ApiKey?>[] finds = [.. Enumerable.Range(0, 10).Select(_ => store.Find(key, Cancelled).AsTask())];
        Assert.All(finds, static find => Assert.False(find.IsCompleted));
        gate.SetResult();
        foreach (var find in finds)
            Assert.Equal(new ApiKey(1, "a"), await find);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Without_a_cache_every_call_asks()
    {
        var key = Issue(1, "a");
        var store = new ApiKeyStore(null, Ask);
        Assert.Equal(new ApiKey(1, "a"), await store.Find(key, Cancelled));
        Assert.Equal(new ApiKey(1, "a"), await store.Find(key, Cancelled));
        Assert.Null(await store.Find("nonsense", Cancelled));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public void What_is_shared_comes_back_as_it_was_and_nothing_else_comes_in()
    {
        var codec = new ApiKeyCodec();
        var bytes = new ArrayBufferWriter<byte>();
        Assert.True(codec.TryWrite(new(new ApiKey(long.MaxValue, "a-Plan_1")), bytes));
        Assert.True(codec.TryRead(bytes.WrittenMemory, out var read, out _));
        Assert.Equal(new ApiKey(long.MaxValue, "a-Plan_1"), read.Key);
        Assert.False(codec.TryWrite(new(null), new ArrayBufferWriter<byte>()));
        foreach (var foreign in (byte[][])[[], new byte[8], new byte[9], [.. new byte[8], .. "a plan"u8], [.. new byte[8], .. new byte[41].Select(static _ => (byte)'a')], [.. new byte[8], 0xC3, 0xA9]])
            Assert.False(codec.TryRead(foreign, out _, out _));
    }

    string Issue(long id, string plan)
    {
        var key = ApiKeyText.New();
        _table[HashOf(key)] = new(id, plan);
        return key;
    }

    Task<ApiKey?> Find(string key) => _store.Find(key, Cancelled).AsTask();

    /// <summary>As the change feed tells it.</summary>
    async Task Heard(string key) => await _cache.InvalidateTags(ChangeTags.Of(new RowChange("api_keys", "\\x" + HashOf(key), 1)));

    async ValueTask<ApiKey?> Ask(byte[] hash, CancellationToken cancelled)
    {
        _asked++;
        await ValueTask.CompletedTask;
        return _outage is null ? _table.GetValueOrDefault(Convert.ToHexStringLower(hash)) : throw _outage;
    }

    static string HashOf(string key)
    {
        var hash = new byte[32];
        Assert.True(ApiKeyText.TryHash(key, hash));
        return Convert.ToHexStringLower(hash);
    }
}
