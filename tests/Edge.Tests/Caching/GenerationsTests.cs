using Edge.Core.Caching;
using Edge.Core.Caching.L2;
using static Edge.Core.Caching.Generations;

namespace Edge.Tests.Caching;

public sealed class GenerationsTests
{
    const string Life = "life";
    const int Slots = 8;

    static readonly int[] s_places = [4, 6];

    readonly Generations _generations = new(Slots);

    public GenerationsTests() => Assert.False(_generations.Synchronize(At(version: 10, 5, 5)));

    [Fact]
    public void What_is_heard_moves_its_places_and_says_so()
    {
        var before = _generations.Take(s_places);
        Assert.True(Hears(At(11, 6, 6)));
        Assert.Equal(Validity.Invalid, _generations.Check(before));
    }

    [Fact]
    public void Two_tags_of_one_place_move_it_together() => Assert.True(Hears(new(new(Life, 11), [4, 4], [7, 7])));

    [Fact]
    public void What_a_fetch_has_shown_before_moves_nothing_again()
    {
        var before = _generations.Take(s_places);
        Assert.True(_generations.TryAdopt(before, new() { Position = new(Life, 11), At = [6, 6] }, out var adopted));
        Assert.Equal((Validity.Current, Validity.Invalid), (_generations.Check(adopted), _generations.Check(before)));
        Assert.False(Hears(At(11, 6, 6)));
        Assert.Equal(Validity.Current, _generations.Check(adopted));
    }

    [Fact]
    public void What_was_taken_over_blindly_has_moved_nothing_but_the_suspicion()
    {
        var before = _generations.Take([Everything, Everything + 1, .. s_places]);
        var taken = new L2Generations(new("next life", 3), s_places, [2, 2]);
        Assert.False(_generations.Synchronize(taken));
        Assert.False(Hears(taken));
        Assert.Equal(Validity.Suspect, _generations.Check(before));
    }

    [Theory]
    [InlineData(Life, 11, 4, 6)]
    [InlineData(Life, 11, 6, 5)]
    [InlineData("another", 11, 6, 6)]
    public void Of_a_copy_that_knew_less_and_of_another_life_nobody_can_tell(string epoch, int version, uint first, uint second) =>
        Assert.False(Hears(new(new(epoch, version), s_places, [first, second])));

    [Theory]
    [InlineData(Life, 11, 6u, 4u)]
    [InlineData(Life, 9, 5u, 5u)]
    [InlineData(Life, 10, 5u, 0u)]
    [InlineData("earlier", 20, 9u, 9u)]
    public void Whoever_knows_less_than_is_known_here_has_gone_back(string epoch, int version, uint first, uint second) =>
        Assert.True(HasGoneBack(epoch, version, first, second));

    [Theory]
    [InlineData(Life, 10, 5u, 5u)]
    [InlineData(Life, 11, 6u, 5u)]
    [InlineData("next life", 0, 0u, 0u)]
    public void Whoever_knows_as_much_or_begins_anew_has_not_gone_back(string epoch, int version, uint first, uint second) =>
        Assert.False(HasGoneBack(epoch, version, first, second));

    [Fact]
    public void What_is_heard_while_everything_is_read_says_nothing_of_what_was_read()
    {
        var before = _generations.Known();
        Assert.True(Hears(At(11, 6, 6)));
        Assert.False(_generations.HasGoneBack(At(10, 5, 5), before));
    }

    [Fact]
    public void A_fetch_shows_how_far_the_second_level_was_even_where_its_own_places_have_not_moved()
    {
        Assert.True(_generations.TryAdopt(_generations.Take(s_places), new() { Position = new(Life, 11), At = [5, 5] }, out _));
        Assert.True(HasGoneBack(Life, 10, 5, 5));
    }

    [Fact]
    public void A_move_that_is_answered_with_a_version_known_before_shows_that_it_has_gone_back_whatever_it_says_later()
    {
        Assert.False(_generations.HasFoundGoneBack(At(11, 6, 6), new(Life, 10)));
        Assert.False(_generations.HasFoundGoneBack(At(10, 5, 5) with { IsRepeat = true }, new(Life, 10)));
        Assert.False(_generations.HasFoundGoneBack(new(new("next life", 1), s_places, [1, 1]), new(Life, 10)));
        Assert.False(HasGoneBack(Life, 12, 7, 7));
        Assert.True(_generations.HasFoundGoneBack(At(10, 5, 5), new(Life, 10)));
        Assert.True(HasGoneBack(Life, 12, 7, 7));
        _generations.Synchronize(new(new("next life", 0), [], []));
        Assert.False(HasGoneBack("next life", 0, 0, 0));
    }

    [Fact]
    public void Nothing_has_gone_back_for_whoever_compares_for_the_first_time()
    {
        var first = new Generations(Slots);
        Assert.False(first.HasGoneBack(At(10, 5, 5), first.Known()));
    }

    // A place that has never moved is not named.
    bool HasGoneBack(string epoch, long version, uint first, uint second)
    {
        var named = s_places.Zip([first, second]).Where(static place => place.Second > 0).ToArray();
        return _generations.HasGoneBack(
            new(new(epoch, version), [.. named.Select(static place => place.First)], [.. named.Select(static place => place.Second)]), _generations.Known());
    }

    bool Hears(L2Generations moved) => _generations.TryHear(moved, out var haveMoved) && haveMoved;

    static L2Generations At(long version, params uint[] at) => new(new(Life, version), s_places, at);
}
