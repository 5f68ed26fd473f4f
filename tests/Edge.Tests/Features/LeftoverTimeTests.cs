using System.Globalization;
using Edge.Features.Accounts;

namespace Edge.Tests.Features;

public sealed class LeftoverTimeTests
{
    /// <summary>No other test has a thread of this number: one that ends may be found by its name.</summary>
    const int Number = 7;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 65)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 65)]
    public void Each_thread_has_a_core_of_its_own_from_the_last_that_is_allowed_down(int number, int core) =>
        Assert.Equal(core, LeftoverTime.CoreOf([0b1010, 0b10], number));

    [Fact]
    public void Without_a_core_there_is_none() => Assert.Null(LeftoverTime.CoreOf([0, 0], 0));

    [Fact]
    public async Task Work_keeps_to_one_core_behind_all_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux");
        var (policy, cores) = await OnThread(5, static leftovers =>
        {
            (string, string) seen = default;
            leftovers.Run(() => seen = (PolicyOf("/proc/thread-self"), CoreOfThisThread()));
            return seen;
        });
        Assert.Equal("5", policy);
        Assert.Matches("^[0-9]+$", cores);
    }

    [Fact]
    public async Task Its_core_is_interrupted_while_there_is_work_and_then_no_more()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux");
        await OnThread(Number, static leftovers =>
        {
            var beat = "";
            leftovers.Run(() =>
            {
                // The thread that beats is started with this one: found by its name, and then seen to sleep and wake.
                while ((beat = BeatOf(Number)) == "")
                    Thread.Yield();
                for (var before = Switches(beat); Switches(beat) < before + 20;)
                    Thread.Yield();
            });
            Assert.Equal("0", PolicyOf(beat));
            // One sleep may still be under way; five thousand a second would show in as many looks.
            var after = Switches(beat);
            for (var look = 0; look < 5_000; look++)
                Switches(beat);
            Assert.InRange(Switches(beat) - after, 0, 2);
            return 0;
        });
    }

    static async Task<T> OnThread<T>(int number, Func<LeftoverTime, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using var leftovers = new LeftoverTime(number);
                done.SetResult(work(leftovers));
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        }).Start();
        return await done.Task.WaitAsync(Cancelled);
    }

    static string PolicyOf(string task) => File.ReadAllText($"{task}/stat").Split(' ')[^12];

    static string CoreOfThisThread() => Line("/proc/thread-self", "Cpus_allowed_list");

    static string BeatOf(int number) =>
        Directory.GetDirectories("/proc/self/task").FirstOrDefault(task => NameOf(task) == string.Create(CultureInfo.InvariantCulture, $"hash beat {number}")) ?? "";

    static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").Trim();
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return "";
        }
    }

    static long Switches(string task) => long.Parse(Line(task, "voluntary_ctxt_switches"), CultureInfo.InvariantCulture);

    static string Line(string folder, string name) => File.ReadLines($"{folder}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Trim();
}
