using Edge.Core.Caching.L1;

namespace Edge.Tests.Caching.L1;

public sealed class FrequencySketchTests
{
    const int ManyEntries = 1_000_000;

    readonly FrequencySketch sketch = new(1024);

    [Fact]
    public void What_was_never_counted_is_zero() => Assert.Equal(0, sketch.Estimate(123));

    [Fact]
    public void Counts_add_up_to_fifteen_and_stay_there()
    {
        sketch.Add(1, 3, ManyEntries);
        sketch.Add(1, 4, ManyEntries);
        Assert.Equal(7, sketch.Estimate(1));

        for (var i = 0; i < 10; i++) sketch.Add(1, 3, ManyEntries);
        Assert.Equal(15, sketch.Estimate(1));
    }

    [Fact]
    public void An_estimate_is_never_too_low_and_rarely_too_high()
    {
        const int keys = 2000;
        var tooHigh = 0;
        for (uint key = 0; key < keys; key++) sketch.Add(key * 7919, (int)(key % 3) + 1, ManyEntries);
        for (uint key = 0; key < keys; key++)
        {
            var (estimate, truth) = (sketch.Estimate(key * 7919), (int)(key % 3) + 1);
            Assert.True(estimate >= truth);
            if (estimate > truth) tooHigh++;
        }

        Assert.InRange(tooHigh, 0, keys / 20);
    }

    [Fact]
    public void After_ten_additions_per_entry_every_count_is_halved()
    {
        const int entries = 100;
        sketch.Add(1, 8, entries);
        for (uint key = 2; sketch.Estimate(1) == 8; key++)
        {
            Assert.True(key <= entries * FrequencySketch.AdditionsPerEntry, "no ageing came");
            sketch.Add(key * 104729, 1, entries);
        }

        Assert.Equal(4, sketch.Estimate(1));
    }
}
