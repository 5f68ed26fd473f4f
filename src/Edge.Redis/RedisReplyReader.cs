using System.Diagnostics.CodeAnalysis;
using Edge.Redis.Protocol;

namespace Edge.Redis;

/// <summary>
/// Turns a reply into a value while its bytes still lie in the receive buffer. Runs on the connection's read loop: it must not
/// block, wait or keep what it was given. Errors never reach it. False: not a reply of this command, which the caller sees as
/// <see cref="RedisFailureKind.Protocol"/>. Pass a static method, or a lambda marked static, so that nothing is allocated.
/// </summary>
public delegate bool RedisReplyReader<T>(ref RespReader reply, [MaybeNullWhen(false)] out T value);
