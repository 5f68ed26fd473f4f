using System.IO.Compression;
using System.Text;
using Edge.Prometheus.Scraping;
using Edge.Prometheus.Text;
using Edge.Tests.Basics;
using Edge.Tests.Redis;

namespace Edge.Tests.Prometheus;

public sealed class CoalescerTests
{
    const int CacheMs = 300;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly FakeTime _clock = new();

    [Fact]
    public async Task Scrapes_that_come_while_one_collects_share_its_answer_and_no_other_collection_runs()
    {
        var rounds = new Rounds();
        var coalescer = Coalescer(rounds, cacheMs: 0);
        var first = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        var others = Enumerable.Range(0, 50).Select(_ => coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask()).ToList();
        Assert.All(others, static other => Assert.False(other.IsCompleted));
        rounds.Finish();
        var answers = await Task.WhenAll([first, .. others]).In();
        Assert.All(answers, static answer => Assert.Equal("text 1", TextOf(answer)));
        Assert.Equal(1, rounds.Count);
        Assert.Equal(1, rounds.MostAtOnce);
    }

    [Fact]
    public async Task Two_formats_are_written_by_one_collection_and_never_two_at_once()
    {
        var rounds = new Rounds();
        var coalescer = Coalescer(rounds);
        var blocker = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        var openMetrics = Enumerable.Range(0, 10).Select(_ => coalescer.Scrape(ExpositionFormat.OpenMetrics, false, Patience).AsTask()).ToList();
        rounds.Finish();
        Release(coalescer, await blocker.In());
        await rounds.Entered();
        rounds.Finish();
        Assert.All(await Task.WhenAll(openMetrics).In(), static answer => Assert.Equal("openmetrics 2", TextOf(answer)));
        Assert.Equal(2, rounds.Count);
        Assert.Equal(1, rounds.MostAtOnce);

        _clock.Advance(TimeSpan.FromMilliseconds(CacheMs));
        var blockedAgain = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        _clock.Advance(TimeSpan.FromSeconds(1));
        rounds.Finish();
        Release(coalescer, await blockedAgain.In());
        Assert.Equal(3, rounds.Count);
    }

    [Fact]
    public async Task A_young_answer_is_served_again_and_at_its_age_it_is_not_7253()
    {
        var rounds = new Rounds(isOpen: true);
        var coalescer = Coalescer(rounds);
        Assert.Equal("text 1", TextOf(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()));
        _clock.Advance(TimeSpan.FromMilliseconds(CacheMs - 1));
        var again = coalescer.Scrape(ExpositionFormat.Text, false, Patience);
        Assert.True(again.IsCompletedSuccessfully);
        Assert.Equal("text 1", TextOf(await again));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("text 2", TextOf(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()));
    }

    [Fact]
    public async Task The_age_of_an_answer_is_not_the_wall_clock_s_7253()
    {
        var rounds = new Rounds(isOpen: true);
        var clock = new SteppedWallClock(_clock);
        var coalescer = new ScrapeCoalescer(rounds.Collect, CacheMs, 1 << 20, clock);
        await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In();
        clock.WallStep = TimeSpan.FromHours(-5);
        _clock.Advance(TimeSpan.FromMilliseconds(CacheMs));
        Assert.Equal("text 2", TextOf(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()));
        clock.WallStep = TimeSpan.FromHours(5);
        Assert.Equal("text 2", TextOf(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()));
    }

    [Fact]
    public async Task With_a_cache_of_nothing_every_scrape_collects()
    {
        var rounds = new Rounds(isOpen: true);
        var coalescer = Coalescer(rounds, cacheMs: 0);
        for (var i = 1; i <= 3; i++)
        {
            var answer = await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In();
            Assert.Equal($"text {i}", TextOf(answer));
            _clock.Advance(TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public async Task A_scrape_gives_up_at_its_deadline_and_the_others_get_what_it_began_7252()
    {
        var rounds = new Rounds();
        var coalescer = Coalescer(rounds);
        var hasty = coalescer.Scrape(ExpositionFormat.Text, false, TimeSpan.FromSeconds(1)).AsTask();
        await rounds.Entered();
        var patient = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(hasty.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ScrapeStatus.TimedOut, (await hasty.In()).Status);
        Assert.False(patient.IsCompleted);
        rounds.Finish();
        Assert.Equal("text 1", TextOf(await patient.In()));
        Assert.Equal(0, _clock.PendingTimers);
    }

    [Fact]
    public async Task A_collection_that_hangs_gathers_nobody()
    {
        var rounds = new Rounds();
        var coalescer = Coalescer(rounds, cacheMs: 0);
        var first = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        for (var i = 0; i < 100; i++)
        {
            var scrape = coalescer.Scrape(ExpositionFormat.OpenMetrics, true, TimeSpan.FromMilliseconds(1)).AsTask();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(ScrapeStatus.TimedOut, (await scrape.In()).Status);
        }

        rounds.Finish();
        Release(coalescer, await first.In());
        // None of the hundred is still there to be collected for.
        _clock.Advance(TimeSpan.FromTicks(1));
        var last = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        rounds.Finish();
        Assert.Equal("text 2", TextOf(await last.In()));
    }

    [Theory]
    [InlineData(ScrapeStatus.Failed)]
    [InlineData(ScrapeStatus.TooLarge)]
    [InlineData(ScrapeStatus.Unavailable)]
    public async Task A_failure_is_that_of_all_who_waited_and_is_not_kept(object status)
    {
        var rounds = new Rounds(isOpen: true) { Next = (ScrapeStatus)status };
        var coalescer = Coalescer(rounds);
        Assert.Equal(status, (await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()).Status);
        rounds.Next = ScrapeStatus.Ok;
        Assert.Equal("text 2", TextOf(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()));
    }

    [Fact]
    public async Task A_collection_that_throws_is_a_failure_and_the_next_is_not()
    {
        var rounds = new Rounds(isOpen: true) { Exception = new InvalidOperationException("boom") };
        var coalescer = Coalescer(rounds);
        Assert.Equal(ScrapeStatus.Failed, (await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()).Status);
        rounds.Exception = null;
        Assert.Equal("text 2", TextOf(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()));
    }

    [Fact]
    public async Task A_collection_that_writes_nothing_is_a_failure_not_an_empty_answer_7571()
    {
        var rounds = new Rounds(isOpen: true) { WritesNothing = true };
        Assert.Equal(ScrapeStatus.Failed, (await Coalescer(rounds).Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()).Status);
    }

    [Fact]
    public async Task What_is_larger_than_allowed_is_a_failure_7487()
    {
        var rounds = new Rounds(isOpen: true);
        var coalescer = new ScrapeCoalescer(rounds.Collect, CacheMs, maxBytes: 5, _clock);
        Assert.Equal(ScrapeStatus.TooLarge, (await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In()).Status);
    }

    [Fact]
    public async Task Shutting_down_ends_those_who_wait_and_those_who_come_though_the_collection_hangs()
    {
        var rounds = new Rounds();
        var coalescer = Coalescer(rounds);
        var served = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        var waiting = coalescer.Scrape(ExpositionFormat.OpenMetrics, false, Patience).AsTask();
        coalescer.ShutDown();
        Assert.Equal(ScrapeStatus.Unavailable, (await served.In()).Status);
        Assert.Equal(ScrapeStatus.Unavailable, (await waiting.In()).Status);
        Assert.Equal(ScrapeStatus.Unavailable, (await coalescer.Scrape(ExpositionFormat.Text, false, Patience)).Status);
        rounds.Finish();
        Assert.Equal(0, _clock.PendingTimers);
    }

    [Fact]
    public async Task A_crowd_blocks_no_thread_and_grows_no_stack_7524()
    {
        var rounds = new Rounds();
        var coalescer = Coalescer(rounds, cacheMs: 0);
        var first = coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask();
        await rounds.Entered();
        var threads = ThreadPool.ThreadCount;
        var crowd = Enumerable.Range(0, 100_000).Select(i => coalescer.Scrape((ExpositionFormat)(i % 2), false, Patience).AsTask()).ToList();
        Assert.All(crowd, static one => Assert.False(one.IsCompleted));
        Assert.InRange(ThreadPool.ThreadCount, 0, threads + 20);
        rounds.Open();
        Release(coalescer, await first.In());
        foreach (var answer in await Task.WhenAll(crowd).In()) Release(coalescer, answer);
        Assert.Equal(1, rounds.MostAtOnce);
        Assert.InRange(rounds.Count, 2, 4);
    }

    [Fact]
    public async Task An_answer_somebody_reads_is_not_written_over()
    {
        var rounds = new Rounds(isOpen: true);
        var coalescer = Coalescer(rounds, cacheMs: 0);
        var held = new List<ScrapeOutcome>();
        for (var i = 1; i <= 20; i++)
        {
            held.Add(await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In());
            _clock.Advance(TimeSpan.FromTicks(1));
        }

        for (var i = 1; i <= 20; i++) Assert.Equal($"text {i}", TextOf(held[i - 1]));
        foreach (var outcome in held) Release(coalescer, outcome);
        // Nobody reads any more: from here on the same buffers go round.
        var bodies = new HashSet<ScrapeBody>();
        for (var i = 0; i < 20; i++)
        {
            var outcome = await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In();
            bodies.Add(outcome.Body!);
            Release(coalescer, outcome);
            _clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.InRange(bodies.Count, 1, 6);
    }

    [Fact]
    public async Task Gzip_is_made_once_from_the_answer_that_is_there()
    {
        var rounds = new Rounds(isOpen: true);
        var coalescer = Coalescer(rounds);
        var plain = await coalescer.Scrape(ExpositionFormat.Text, false, Patience).AsTask().In();
        var compressed = await coalescer.Scrape(ExpositionFormat.Text, true, Patience).AsTask().In();
        var again = await coalescer.Scrape(ExpositionFormat.Text, true, Patience).AsTask().In();
        Assert.Equal(1, rounds.Count);
        Assert.Same(plain.Body, compressed.Body);
        Assert.Same(plain.Body, again.Body);
        Assert.Equal("text 1", Unzipped(compressed));
        Assert.Equal("text 1", TextOf(plain));
    }

    ScrapeCoalescer Coalescer(Rounds rounds, int cacheMs = CacheMs) => new(rounds.Collect, cacheMs, 1 << 20, _clock);

    static string TextOf(ScrapeOutcome outcome)
    {
        Assert.Equal(ScrapeStatus.Ok, outcome.Status);
        return Encoding.UTF8.GetString(outcome.Body!.Bytes(isGzip: false).Span);
    }

    static string Unzipped(ScrapeOutcome outcome)
    {
        using var gzip = new GZipStream(new MemoryStream(outcome.Body!.Bytes(isGzip: true).ToArray()), CompressionMode.Decompress);
        return new StreamReader(gzip).ReadToEnd();
    }

    static void Release(ScrapeCoalescer coalescer, ScrapeOutcome outcome)
    {
        Assert.Equal(ScrapeStatus.Ok, outcome.Status);
        coalescer.Release(outcome.Body!);
    }

    /// <summary>Collections that end when the test says so. Each writes its number.</summary>
    sealed class Rounds(bool isOpen = false)
    {
        readonly SemaphoreSlim _entered = new(0);
        readonly SemaphoreSlim _finish = new(0);
        volatile bool _isOpen = isOpen;
        int _inside;

        public ScrapeStatus Next { get; set; } = ScrapeStatus.Ok;

        public Exception? Exception { get; set; }

        public bool WritesNothing { get; init; }

        public int Count { get; private set; }

        public int MostAtOnce { get; private set; }

        public Task Entered() => _entered.WaitAsync(TestContext.Current.CancellationToken).In();

        public void Finish() => _finish.Release();

        /// <summary>This one and all that follow end by themselves.</summary>
        public void Open()
        {
            _isOpen = true;
            _finish.Release();
        }

        public ScrapeStatus Collect(ByteBuffer? text, ByteBuffer? openMetrics)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _inside));
            var number = ++Count;
            if (!_isOpen)
            {
                _entered.Release();
                // Far longer than any test: one that fails must not leave a thread behind for ever.
                _finish.Wait(TimeSpan.FromMinutes(1));
            }

            Interlocked.Decrement(ref _inside);
            if (Exception is not null) throw Exception;
            if (WritesNothing) return ScrapeStatus.Ok;
            text?.Write($"text {number}");
            openMetrics?.Write($"openmetrics {number}");
            return Next;
        }
    }

    /// <summary>A machine whose wall clock is set while its monotonic one goes on.</summary>
    sealed class SteppedWallClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan WallStep { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + WallStep;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
    }
}
