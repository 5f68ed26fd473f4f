namespace Edge.Http;

/// <summary>A program that calls, known by its <c>X-API-Key</c>.</summary>
/// <param name="Id">For buckets and logs; the key itself goes nowhere.</param>
/// <param name="Plan">Name of its limits, see the settings.</param>
internal sealed record ApiKey(long Id, string Plan);

/// <summary>Where API keys are looked up.</summary>
internal interface IApiKeys
{
    /// <summary>False: only a lookup can tell.</summary>
    /// <param name="key">As it was presented: anything.</param>
    /// <param name="found">Null: there is no such key, or it was revoked.</param>
    bool TryFind(string key, out ApiKey? found);

    /// <summary>Asks whoever has to be asked.</summary>
    /// <param name="key">As it was presented: anything.</param>
    /// <returns>Null: there is no such key, or it was revoked.</returns>
    ValueTask<ApiKey?> Find(string key, CancellationToken cancel);
}
