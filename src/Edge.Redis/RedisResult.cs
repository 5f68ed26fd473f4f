using System.Diagnostics.CodeAnalysis;

namespace Edge.Redis;

/// <summary>A reply, or the reason why there is none. Nothing that the network or the server does is thrown.</summary>
public readonly struct RedisResult<T>
{
    readonly T _value;

    internal RedisResult(T value) => _value = value;

    internal RedisResult(RedisFailure failure)
    {
        _value = default!;
        Failure = failure;
    }

    /// <summary>Null when there is a value.</summary>
    public RedisFailure? Failure { get; }

    public bool IsOk => Failure is null;

    /// <summary>The reply. Reading it without having looked at <see cref="IsOk"/> is a programmer error and throws.</summary>
    public T Value
    {
        get
        {
            if (Failure is not null) Throw.InvalidOperation_ValueOfFailure(Failure);
            return _value;
        }
    }

    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out RedisFailure? failure)
    {
        value = _value;
        failure = Failure;
        return failure is null;
    }
}
