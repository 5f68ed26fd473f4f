using System.Security.Cryptography;
using System.Text;
using Edge.Features.ApiKeys;

namespace Edge.Tests.Features;

public sealed class ApiKeyTextTests
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>Made by another program (Python: zlib-free CRC-32C, hashlib), so that keys that were given out stay valid.</summary>
    [Theory]
    [InlineData("edge_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAhfR45A", "3a08d2210056f6312a766df5d513cd9ebd86793cf3e300214cf4ce421ef67326")]
    [InlineData("edge_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8ZxUqXw", "a407399db7b5d4cead6c80ca9666c4bf0d9f23d02d7eda98ee382ef01d96d32d")]
    public void A_key_of_old_is_still_one(string key, string hash) => Assert.Equal(hash, HashOf(key));

    [Fact]
    public void A_new_key_is_written_as_described_and_found_by_the_hash_of_its_whole_text()
    {
        for (var i = 0; i < 1_000; i++)
        {
            var key = ApiKeyText.New();
            Assert.Matches("^edge_[A-Za-z0-9_-]{49}$", key);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))), HashOf(key));
        }
    }

    [Fact]
    public void No_two_new_keys_begin_alike() =>
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(static _ => ApiKeyText.New()[..ApiKeyText.PrefixChars]).Distinct().Count());

    /// <summary>A CRC of 32 bits finds every error within 32 bits, hence each wrong character.</summary>
    [Fact]
    public void One_wrong_character_anywhere_is_refused()
    {
        var key = ApiKeyText.New();
        for (var at = 0; at < key.Length; at++)
            foreach (var wrong in Alphabet)
                if (wrong != key[at])
                    Assert.Null(HashOf(key[..at] + wrong + key[(at + 1)..]));
    }

    [Fact]
    public void What_is_not_written_like_a_key_is_refused()
    {
        var key = ApiKeyText.New();
        string[] garbage =
        [
            "", " ", "edge_", key[..^1], key + "A", key + " ", " " + key, key.ToUpperInvariant(), key[5..], "Edge_" + key[5..], new('A', 54), new('\0', 54), new('é', 54),
            "edge_" + new string('%', 49), "edge_" + new string('\uD800', 49), key.Replace('_', '\uFF3F'), new('x', 100_000),
        ];
        foreach (var text in garbage)
            Assert.Null(HashOf(text));
    }

    static string? HashOf(string text)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        return ApiKeyText.TryHash(text, hash) ? Convert.ToHexStringLower(hash) : null;
    }
}
