using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

// Probe ROUNDS IDLE_SECONDS NAME PATH BINARY [NAME PATH BINARY …]
//
// Starts each server in turn, ROUNDS times over, on a free PORT, and measures from just before the fork to the first
// complete "200" on PATH, then the resident memory after IDLE_SECONDS without a request. Prints a markdown table.
//
// It connects in a loop that yields but never sleeps: a sleep of the shortest kind would already be 2 % of the answer,
// and one that spins on a core would take it from the server on a small machine.

if (args.Length < 5 || (args.Length - 2) % 3 != 0)
{
    Console.Error.WriteLine("Probe ROUNDS IDLE_SECONDS NAME PATH BINARY [NAME PATH BINARY …]");
    return 2;
}

var rounds = int.Parse(args[0], CultureInfo.InvariantCulture);
var idle = TimeSpan.FromSeconds(int.Parse(args[1], CultureInfo.InvariantCulture));
var subjects = args.Skip(2).Chunk(3).Select(part => new Subject(part[0], part[1], part[2])).ToArray();

// One round to bring the files into memory; it does not count.
foreach (var subject in subjects)
    subject.Measure(TimeSpan.Zero, counts: false);
for (var round = 1; round <= rounds; round++)
{
    Console.Error.Write($"\rround {round} of {rounds}, about {(rounds - round + 1) * subjects.Length * (idle.TotalSeconds + 0.2):0} s left ");
    foreach (var subject in subjects)
        subject.Measure(idle, counts: true);
}

Console.Error.WriteLine();
Console.WriteLine("| server | request | start to first 200, ms: median (min–max) | idle memory, MB: median (min–max) |");
Console.WriteLine("|---|---|---|---|");
foreach (var subject in subjects)
    Console.WriteLine(subject);
Console.WriteLine();
Console.WriteLine($"Start of {subjects[^1].Name}, {subjects[^1].Path}, over {subjects[0].Name}: {subjects[^1].MedianStart / subjects[0].MedianStart:0.00}×.");
return 0;

internal sealed class Subject(string name, string path, string binary)
{
    const int DeadlineSeconds = 30;
    const int Terminate = 15;

    readonly List<double> startMs = [];
    readonly List<double> residentMb = [];

    public string Name => name;

    public string Path => path;

    public double MedianStart => Median(startMs);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"| {name} | GET {path} | {Summary(startMs)} | {Summary(residentMb)} |");

    public void Measure(TimeSpan idle, bool counts)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(binary) { RedirectStandardOutput = true };
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        // Read, or a talkative server would block on a full pipe.
        process.BeginOutputReadLine();
        try
        {
            var elapsed = WaitForAnswer(process, port, began);
            if (!counts)
                return;
            startMs.Add(elapsed.TotalMilliseconds);
            process.WaitForExit(idle);
            residentMb.Add(ResidentMegabytes(process.Id));
        }
        finally
        {
            _ = SendSignal(process.Id, Terminate);
            process.WaitForExit();
        }
    }

    TimeSpan WaitForAnswer(Process process, int port, long began)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var endpoint = new IPEndPoint(IPAddress.Loopback, port);
        var answer = "";
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < DeadlineSeconds && !process.HasExited)
        {
            answer = TryAsk(endpoint, request) ?? answer;
            if (answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                return Stopwatch.GetElapsedTime(began);
            Thread.Yield();
        }

        throw new InvalidOperationException($"{name} gave no 200 on {path}; its last answer was: {answer}");
    }

    static string? TryAsk(IPEndPoint endpoint, byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(endpoint);
            socket.Send(request);
            var buffer = new byte[64 * 1024];
            var length = 0;
            while (length < buffer.Length && socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None) is var count and > 0)
                length += count;
            return Encoding.ASCII.GetString(buffer, 0, length);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    static double ResidentMegabytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return double.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 / 1_000_000;
    }

    static string Summary(List<double> values) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(values):0.0} ({values.Min():0.0}–{values.Max():0.0})");

    static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int SendSignal(int pid, int signal);
}
