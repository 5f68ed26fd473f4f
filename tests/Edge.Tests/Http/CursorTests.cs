using Edge.Http;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Http;

public sealed class CursorTests
{
    static readonly CursorCodec Codec = new("a key for the tests"u8.ToArray());

    [Fact]
    public void What_was_written_is_read_again() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        ArbMap.Default.ArbFor<(byte, long, long)>(),
        position =>
        {
            var cursor = new Cursor(position.Item1, Math.Abs(position.Item2 % DateTime.MaxValue.Ticks), position.Item3);
            return Codec.TryRead(Codec.Write(cursor, "/list"), "/list", out var read) && read == cursor;
        }));

    [Fact]
    public void Any_changed_character_is_refused() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        ArbMap.Default.ArbFor<(long, NonNegativeInt, NonNegativeInt)>(),
        change =>
        {
            const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            var text = Codec.Write(new(0, Math.Abs(change.Item1 % DateTime.MaxValue.Ticks), 7), "/list").ToCharArray();
            var at = change.Item2.Get % text.Length;
            var replacement = alphabet[change.Item3.Get % alphabet.Length];
            var same = text[at] == replacement;
            text[at] = replacement;
            return Codec.TryRead(new(text), "/list", out _) == same;
        }));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public void What_no_codec_wrote_is_refused(string text) => Assert.False(Codec.TryRead(text, "/list", out _));

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_sealed_cursor_with_an_impossible_time_is_refused(long key) =>
        Assert.False(Codec.TryRead(Codec.Write(new(0, key, 1), "/list"), "/list", out _));

    [Fact]
    public void Another_lists_cursor_is_refused() =>
        Assert.False(Codec.TryRead(Codec.Write(Cursor.At(DateTime.UnixEpoch, 1), "/list?category=tea"), "/list?category=coffee", out _));

    [Fact]
    public void Another_keys_cursor_is_refused() =>
        Assert.False(new CursorCodec("another key"u8.ToArray()).TryRead(Codec.Write(Cursor.Start, "/list"), "/list", out _));

    [Fact]
    public void Every_cursor_has_the_same_length() =>
        Assert.Equal(40, Codec.Write(new(255, long.MinValue, long.MaxValue), "/list").Length);
}
