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

    public GenerationsTests() => Assert.False(_generations.Synchronize(At(version: 10, 5, 5), _generations.Known()));

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
        Assert.False(_generations.Synchronize(taken, _generations.Known()));
        Assert.False(Hears(taken));
        Assert.Equal(Validity.Suspect, _generations.Check(before));
    }

    [Theory]
    [InlineData(Life, 11, 4, 6)]
    [InlineData(Life, 11, 6, 5)]
    [InlineData("another", 11, 6, 6)]
    public void Of_a_copy_that_knew_less_and_of_another_life_nobody_can_tell(string epoch, int version, uint first, uint second) =>
        Assert.False(Hears(new(new(epoch, version), s_places, [first, second])));

    bool Hears(L2Generations moved) => _generations.TryHear(moved, out var haveMoved) && haveMoved;

    static L2Generations At(long version, params uint[] at) => new(new(Life, version), s_places, at);
}
