using System.Buffers;
using System.Text;
using Edge.Redis;
using Edge.Redis.Protocol;

namespace Edge.Tests.Redis;

/// <summary>Seeded: a failure names its seed, and that seed fails again.</summary>
public sealed class RespFuzzTests
{
    const int Runs = 60_000;
    const int MaxReplyBytes = 4096;

    static readonly string[] Fragments =
    [
        "+", "-", ":", "$", "*", "_", "#", ",", "(", "!", "=", "%", "~", ">", "|", "\r\n", "\r", "\n", "0", "1", "2", "-1", "5", "17", "99999999999",
        "t", "f", "inf", "abc", "\0", "\u00ff", "?", "*1\r\n", "$1\r\na\r\n", "|1\r\n", "_\r\n", ":1\r\n", "txt:",
    ];

    [Fact]
    public void No_bytes_crash_or_hang_the_parser_and_chopping_changes_nothing()
    {
        var complete = 0;
        var invalid = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var bytes = random.Next(4) == 0 ? RandomBytes(random) : Encoding.Latin1.GetBytes(RandomText(random));
            var whole = Parse(bytes, chunk: bytes.Length);
            var chopped = Parse(bytes, chunk: random.Next(1, 5));
            Assert.True(whole.SequenceEqual(chopped), $"seed {seed}: {string.Join(" ", whole)} / {string.Join(" ", chopped)}");
            complete += whole.Count(outcome => outcome > 0);
            invalid += whole[^1] == -1 ? 1 : 0;
        }

        // The generator is worth something only if it reaches both ends.
        Assert.InRange(complete, Runs / 20, int.MaxValue);
        Assert.InRange(invalid, Runs / 20, Runs);
    }

    [Fact]
    public void A_reply_with_bytes_changed_is_read_or_refused()
    {
        var samples = RespScannerTests.Replies.Select(row => row.Data).ToArray();
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var bytes = Encoding.Latin1.GetBytes(samples[random.Next(samples.Length)]);
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Assert.Equal(Parse(bytes, bytes.Length), Parse(bytes, 1));
        }
    }

    /// <summary>Lengths of the replies found; then -1 for refused, 0 for more is needed.</summary>
    static List<long> Parse(byte[] bytes, int chunk)
    {
        var scanner = new RespScanner(MaxReplyBytes);
        var outcomes = new List<long>();
        var start = 0;
        var have = 0;
        while (true)
        {
            var status = scanner.Scan(new ReadOnlySequence<byte>(bytes, start, have - start), out var length);
            if (status == RespScanner.Status.Invalid)
            {
                outcomes.Add(-1);
                return outcomes;
            }

            if (status == RespScanner.Status.Complete)
            {
                Assert.InRange(length, 3, MaxReplyBytes);
                Read(bytes.AsMemory(start, (int)length));
                outcomes.Add(length);
                start += (int)length;
                if (start < have) continue;
            }

            if (have == bytes.Length)
            {
                outcomes.Add(0);
                return outcomes;
            }

            have = Math.Min(bytes.Length, have + Math.Max(1, chunk));
        }
    }

    static void Read(ReadOnlyMemory<byte> reply)
    {
        var reader = new RespReader(new ReadOnlySequence<byte>(reply));
        reader.Skip();
        Assert.Equal(RespKind.None, reader.Kind);
        reader = new RespReader(new ReadOnlySequence<byte>(reply));
        if (Replies.Any(ref reader, out _)) Assert.Equal(RespKind.None, reader.Kind);
    }

    static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(0, 200)];
        random.NextBytes(bytes);
        return bytes;
    }

    static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(1, 30); i > 0; i--) text.Append(Fragments[random.Next(Fragments.Length)]);
        return text.ToString();
    }
}
