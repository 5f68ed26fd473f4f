using Edge.Features.Accounts;

namespace Edge.Tests.Features;

public sealed class PasswordHashesTests
{
    /// <summary>Of the framework's format: its number, function, iterations and length of salt come before the salt.</summary>
    const int ParameterBytes = 13;

    [Fact]
    public void A_hash_is_of_its_password_alone_and_salted()
    {
        var hash = PasswordHashes.Of("correct horse");
        Assert.True(PasswordHashes.Check(hash, "correct horse") is { IsRight: true, Rehashed: null });
        Assert.False(PasswordHashes.Check(hash, "correct horsE").IsRight);
        Assert.NotEqual(hash, PasswordHashes.Of("correct horse"));
    }

    [Fact]
    public void Nothing_is_the_password_of_an_account_without_one() => Assert.False(PasswordHashes.Check(null, "correct horse").IsRight);

    [Fact]
    public void The_dummy_is_checked_with_the_parameters_of_every_new_hash()
    {
        var (dummy, made) = (Convert.FromBase64String(PasswordHashes.Dummy), Convert.FromBase64String(PasswordHashes.Of("correct horse")));
        Assert.Equal(made[..ParameterBytes], dummy[..ParameterBytes]);
        Assert.Equal(made.Length, dummy.Length);
        Assert.Equal(PasswordHashes.Iterations, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(dummy.AsSpan(5)));
    }
}
