using System.Globalization;

namespace Edge.Data.Changes;

/// <summary>
/// Reads the channel's messages (<c>subject number [key…]</c>, see 0003_changes.sql and 0010_unguessable.sql) and keeps what they say until it is taken: each row
/// once. Anyone who may connect may send anything, so memory is bounded: subjects are those that were named beforehand, and one with more
/// than <see cref="MaxKeys"/> rows counts as changed as a whole. Thread-safe: a session that is being abandoned may still hear something.
/// </summary>
internal sealed class HeardChanges
{
    public const int MaxKeys = 1_000;

    readonly Dictionary<string, Subject> _subjects = new(StringComparer.Ordinal);
    readonly Dictionary<string, Subject>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    readonly Lock _gate = new();
    bool _isGap;

    public HeardChanges(IEnumerable<string> subjects)
    {
        foreach (var name in subjects)
            _subjects[name] = new(name);
        _bySpan = _subjects.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Whether there is something to take.</summary>
    public bool Any { get; private set; }

    public long Ignored { get; private set; }

    public long Malformed { get; private set; }

    public void Hear(ReadOnlySpan<char> message)
    {
        lock (_gate)
            Hear_NeedsLock(message);
    }

    public ChangeBatch Take()
    {
        var changes = new List<RowChange>();
        lock (_gate)
        {
            foreach (var subject in _subjects.Values)
                subject.MoveTo(changes);
            var batch = _isGap ? ChangeBatch.Gap : new(IsGap: false, changes);
            Any = _isGap = false;
            return batch;
        }
    }

    void Hear_NeedsLock(ReadOnlySpan<char> message)
    {
        var rest = message;
        var name = NextWord(ref rest);
        if (name.Length > 0 && !_bySpan.TryGetValue(name, out _))
        {
            // Of a migration that this binary does not know yet: nothing here shows it.
            Ignored++;
            return;
        }
        Any = true;
        if (name.Length == 0 || !TryHear(_bySpan[name], rest))
        {
            // Whatever it was to say. Also what `NOTIFY edge_changes` does, typed in psql.
            Malformed++;
            _isGap = true;
        }
    }

    static bool TryHear(Subject subject, ReadOnlySpan<char> rest)
    {
        if (!ulong.TryParse(NextWord(ref rest), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        if (rest.IsEmpty)
        {
            subject.Add(null, number);
            return true;
        }
        while (!rest.IsEmpty)
        {
            var key = NextWord(ref rest);
            if (key.IsEmpty)
                return false;
            subject.Add(key.ToString(), number);
        }
        return true;
    }

    static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf(' ');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return word;
    }

    sealed class Subject(string name)
    {
        readonly Dictionary<string, ulong> _keys = new(StringComparer.Ordinal);
        ulong? _whole;

        public void Add(string? key, ulong number)
        {
            if (_whole is null && key is not null)
            {
                // Messages come in the order of commits, so the last number is of the latest commit.
                _keys[key] = number;
                if (_keys.Count <= MaxKeys)
                    return;
            }
            _keys.Clear();
            _whole = number;
        }

        public void MoveTo(List<RowChange> changes)
        {
            if (_whole is { } number)
                changes.Add(new(name, null, number));
            foreach (var (key, last) in _keys)
                changes.Add(new(name, key, last));
            _keys.Clear();
            _whole = null;
        }
    }
}
