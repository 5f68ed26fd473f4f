namespace Edge.Redis.Connections;

/// <summary>The words of a command in up to three runs, so that a verb and a caller's span need no common array.</summary>
readonly ref struct CommandParts(ReadOnlySpan<RedisArg> head, ReadOnlySpan<RedisArg> keys = default, ReadOnlySpan<RedisArg> args = default)
{
    // "$" or "*", up to ten digits, CR LF; and CR LF behind a word.
    const int FramingPerWord = 16;

    readonly ReadOnlySpan<RedisArg> _head = head;
    readonly ReadOnlySpan<RedisArg> _keys = keys;
    readonly ReadOnlySpan<RedisArg> _args = args;

    public long MaxByteCount => FramingPerWord + MaxByteCountOf(_head) + MaxByteCountOf(_keys) + MaxByteCountOf(_args);

    /// <summary>Appends <c>*n $len word …</c>. The caller has reserved <see cref="MaxByteCount"/> bytes.</summary>
    public void Write(OutputBuffer output)
    {
        output.AppendHeader((byte)'*', _head.Length + _keys.Length + _args.Length);
        foreach (ref readonly var word in _head) output.AppendWord(word);
        foreach (ref readonly var word in _keys) output.AppendWord(word);
        foreach (ref readonly var word in _args) output.AppendWord(word);
    }

    static long MaxByteCountOf(ReadOnlySpan<RedisArg> words)
    {
        long sum = 0;
        foreach (ref readonly var word in words) sum += word.MaxByteCount + FramingPerWord;
        return sum;
    }
}
