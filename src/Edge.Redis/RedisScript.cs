using System.Security.Cryptography;
using System.Text;

namespace Edge.Redis;

/// <summary>A Lua script and its digest. Make it once, as a static field; it holds no connection.</summary>
public sealed class RedisScript
{
    public RedisScript(string text)
    {
        Text = text;
        // Redis names scripts by SHA-1; nothing here rests on its strength.
        Digest = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text))));
    }

    public string Text { get; }

    /// <summary>40 lower-case hexadecimal digits, as EVALSHA takes them.</summary>
    internal byte[] Digest { get; }
}
