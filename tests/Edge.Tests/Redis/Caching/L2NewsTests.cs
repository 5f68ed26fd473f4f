using System.Text;
using Edge.Core.Basics;
using Edge.Core.Caching.L2;
using Edge.Redis.Caching;

namespace Edge.Tests.Redis.Caching;

public sealed class L2NewsTests
{
    [Fact]
    public void A_move_tells_its_places_and_the_position_after_it()
    {
        Assert.True(L2News.TryParse("1Iab-1-2 9223372036854775807 0,65535,7 1,4294967295,0"u8, out var news));
        Assert.Equal((L2EventKind.Invalidated, new L2Position("ab-1-2", long.MaxValue)), (news.Kind, news.Moved.Position));
        Assert.Equal([0, 65_535, 7], news.Moved.Places);
        Assert.Equal([1, uint.MaxValue, 0], news.Moved.At);
    }

    [Fact]
    public void A_move_of_nothing_is_news_too()
    {
        Assert.True(L2News.TryParse("1Ie 1  "u8, out var news));
        Assert.Equal((1, 0, 0), (news.Moved.Position.Version, news.Moved.Places.Length, news.Moved.At.Length));
    }

    [Theory]
    [InlineData("products 7391 42")]
    [InlineData("x")]
    [InlineData(" é")]
    public void A_move_tells_the_name_of_what_was_reported_as_it_is(string change)
    {
        Assert.True(L2News.TryParse(Encoding.UTF8.GetBytes("1Ie 1 2 3 " + change), out var news));
        Assert.Equal((change, 1), (news.ChangeId, news.Moved.Places.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1I 2 3 4")]
    [InlineData("é 1\n\0")]
    public void The_end_of_a_lease_tells_its_key_as_it_is(string key)
    {
        Assert.True(L2News.TryParse(Encoding.UTF8.GetBytes("1F" + key), out var news));
        Assert.Equal((L2EventKind.Filled, key), (news.Kind, news.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1X")]
    [InlineData("2Fk")]
    [InlineData("2Ie 1 2 3")]
    [InlineData("1I")]
    [InlineData("1Ie")]
    [InlineData("1Ie 1")]
    [InlineData("1Ie 1 2")]
    [InlineData("1I 1 2 3")]
    [InlineData("1Ie x 2 3")]
    [InlineData("1Ie -1 2 3")]
    [InlineData("1Ie 1 2 3 ")]
    [InlineData("1Ie 1 2,3 4")]
    [InlineData("1Ie 1 2 3,4")]
    [InlineData("1Ie 1 2, 3,")]
    [InlineData("1Ie 1 2,,3 4,5,6")]
    [InlineData("1Ie 1 -2 3")]
    [InlineData("1Ie 1 2 -3")]
    [InlineData("1Ie 1 2147483648 3")]
    [InlineData("1Ie 1 2 4294967296")]
    [InlineData("1Ie 9223372036854775808 2 3")]
    public void What_makes_no_sense_is_refused(string message) =>
        Assert.False(L2News.TryParse(Encoding.UTF8.GetBytes(message), out _));

    [Fact]
    public void No_bytes_are_an_exception()
    {
        var random = new RandomSource(1);
        var sound = "1Iab-1-2 12 0,65535,7 1,4294967295,0"u8.ToArray();
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = sound[..random.Between(0, sound.Length)];
            for (var changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (L2News.TryParse(bytes, out var news) && news.Kind == L2EventKind.Invalidated)
                Assert.Equal(news.Moved.Places.Length, news.Moved.At.Length);
        }
    }
}
