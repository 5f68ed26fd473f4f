using System.Security.Cryptography;
using System.Text;

namespace Edge.Redis;

/// <summary>A Lua script and its digest. Make it once, as a static field; it holds no connection.</summary>
public sealed class RedisScript
{
    /// <param name="text">What Redis runs.</param>
    /// <param name="name">What an <see cref="IRedisObserver"/> is told, as in "cache.fetch". Null: EVALSHA, as of any script.</param>
    public RedisScript(string text, string? name = null)
    {
        Text = text;
        Name = name;
        // Redis names scripts by SHA-1; nothing here rests on its strength.
        Digest = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text))));
    }

    public string Text { get; }

    public string? Name { get; }

    /// <summary>40 lower-case hexadecimal digits, as EVALSHA takes them.</summary>
    internal byte[] Digest { get; }
}
