using Edge.Core.Caching.L1;
using FsCheck;
using FsCheck.Fluent;

namespace Edge.Tests.Caching.L1;

/// <summary>
/// Random operations on a small cache beside a dictionary of what was set last. The model does not know whom the policy
/// pushes out, so it says what may be there: nothing, or exactly the last that was set.
/// </summary>
public sealed class L1CacheModelTests
{
    const int BudgetBytes = 8192;
    const int KeyCount = 24;

    public enum Verb
    {
        Set,
        Get,
        Remove,
        RemoveInstance,
        Clear,
    }

    public sealed record Step(Verb Verb, int Key, int Size);

    static readonly Gen<Step> Steps =
        from verb in Gen.Frequency((8, Gen.Constant(Verb.Set)), (8, Gen.Constant(Verb.Get)), (2, Gen.Constant(Verb.Remove)),
            (2, Gen.Constant(Verb.RemoveInstance)), (1, Gen.Constant(Verb.Clear)))
        from key in Gen.Choose(0, KeyCount - 1)
        from size in Gen.Frequency((9, Gen.Choose(0, 400)), (1, Gen.Choose(400, 900)))
        select new Step(verb, key, size);

    [Fact]
    public void Random_operations_agree_with_the_model() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll(Steps.ArrayOf().Resize(400).ToArbitrary(), steps =>
        {
            var run = new Run();
            foreach (var step in steps) run.Take(step);
        }));

    sealed class Run
    {
        readonly L1Cache cache = new(BudgetBytes, 7);
        readonly Dictionary<string, L1Entry> last = [];

        public void Take(Step step)
        {
            var key = $"key-{step.Key}";
            var expected = last.GetValueOrDefault(key);
            switch (step.Verb)
            {
                case Verb.Set:
                    Set(new TestEntry(key, step.Size));
                    break;
                case Verb.Get:
                    if (cache.TryGet(key, out var found)) Assert.Same(expected, found);
                    break;
                case Verb.Remove:
                    var present = cache.Peek(key) is not null;
                    Assert.Equal(present, cache.Remove(key));
                    last.Remove(key);
                    break;
                case Verb.RemoveInstance when expected is not null:
                    Assert.Equal(cache.Peek(key) is not null, cache.Remove(expected));
                    last.Remove(key);
                    break;
                case Verb.Clear:
                    cache.Clear();
                    last.Clear();
                    break;
            }
            CheckAll();
        }

        void Set(TestEntry entry)
        {
            var kept = cache.Set(entry);
            Assert.Equal(kept, cache.Peek(entry.Key) is not null);
            if (entry.SizeBytes > cache.MaxEntryBytes) Assert.False(kept);
            if (kept) last[entry.Key] = entry;
            else last.Remove(entry.Key);
        }

        void CheckAll()
        {
            var (bytes, count) = (0L, 0);
            foreach (var (key, entry) in last)
            {
                if (cache.Peek(key) is not { } kept) continue;
                Assert.Same(entry, kept);
                bytes += kept.SizeBytes;
                count++;
            }
            Assert.Equal((bytes, count), (cache.Bytes, cache.Count));
            Assert.True(cache.Bytes <= cache.CapacityBytes && cache.CapacityBytes < BudgetBytes);
            cache.Verify();
        }
    }
}
