using System.Diagnostics.Metrics;

namespace Edge.Data;

/// <summary>A pool of connections at one moment.</summary>
public sealed class PoolUse(string name)
{
    public string Name { get; } = name;

    public long Used { get; internal set; }

    public long Idle { get; internal set; }

    /// <summary>Most that there may be.</summary>
    public long Max { get; internal set; }
}

/// <summary>
/// The pools of this process. Npgsql tells of them by its meter alone, when somebody asks; in between this costs nothing. Thread-safe.
/// </summary>
public sealed class PoolStatistics : IDisposable
{
    const string Count = "db.client.connection.count";
    const string Max = "db.client.connection.max";

    readonly Lock _lock = new();
    readonly MeterListener _listener = new();
    readonly SortedDictionary<string, PoolUse> _pools = new(StringComparer.Ordinal);

    public PoolStatistics()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Npgsql", Name: Count or Max })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>(Take);
        _listener.Start();
    }

    /// <summary>By name; those of one name are one. None where nothing was asked of a database yet.</summary>
    public IReadOnlyCollection<PoolUse> Read()
    {
        lock (_lock)
        {
            _pools.Clear();
            _listener.RecordObservableInstruments();
            return [.. _pools.Values];
        }
    }

    public void Dispose() => _listener.Dispose();

    void Take(Instrument instrument, int value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var (name, isUsed) = ("", false);
        foreach (var (key, tag) in tags)
            if (key == "db.client.connection.pool.name")
                name = tag as string ?? "";
            else if (key == "db.client.connection.state")
                isUsed = tag as string == "used";
        if (!_pools.TryGetValue(name, out var pool))
            _pools[name] = pool = new(name);
        if (instrument.Name == Max)
            pool.Max += value;
        else if (isUsed)
            pool.Used += value;
        else
            pool.Idle += value;
    }
}
