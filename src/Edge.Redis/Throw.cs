using System.Diagnostics.CodeAnalysis;

namespace Edge.Redis;

/// <summary>Programmer errors, named.</summary>
static class Throw
{
    [DoesNotReturn]
    public static void InvalidOperation_ValueOfFailure(RedisFailure failure) =>
        throw new InvalidOperationException(
            $"The result holds a failure ({failure.Kind}: {failure.InternalText}), not a value. Look at IsOk first.");

    [DoesNotReturn]
    public static void Argument_InvalidOptions(IReadOnlyList<string> problems) =>
        throw new ArgumentException("RedisOptions: " + string.Join(" ", problems));

    [DoesNotReturn]
    public static void Argument_NoKeys(string name) =>
        throw new ArgumentException("At least one key is needed.", name);

    [DoesNotReturn]
    public static void ArgumentOutOfRange_Timeout(int timeoutMs) =>
        throw new ArgumentOutOfRangeException(
            nameof(timeoutMs), timeoutMs, "A deadline is 1 ms or more; 0 takes RedisOptions.CommandTimeoutMs.");
}
