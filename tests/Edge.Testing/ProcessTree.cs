using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Edge.Testing;

public enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>
/// A process and its children, by signal. Reads /proc, since the processes are not this one's own children, and
/// counts a zombie as gone: where nothing reaps orphans (a container without an init), it would stay for ever.
/// </summary>
internal static class ProcessTree
{
    const int NoSuchProcess = 3;

    /// <summary>Freezes all of it. The parent goes first, so that it cannot start a child that is missed.</summary>
    public static void Pause(int pid)
    {
        Send(pid, Signal.Stop);
        foreach (var child in Children(pid))
            Send(child, Signal.Stop);
    }

    public static void Resume(int pid)
    {
        foreach (var child in Children(pid))
            Send(child, Signal.Continue);
        Send(pid, Signal.Continue);
    }

    /// <summary>Kills all of it as a power cut would, and waits until it is gone.</summary>
    public static async Task Kill(int pid, CancellationToken cancel)
    {
        Send(pid, Signal.Stop);
        int[] all = [pid, .. Children(pid)];
        foreach (var process in all)
            Send(process, Signal.Kill);
        await Poll.Until(() => !all.Any(IsAlive), $"process {pid} and its children are gone", cancel);
    }

    public static bool IsAlive(int pid) => Read(pid) is { State: not 'Z' };

    /// <summary>Sends a signal. A process that is gone already is no error.</summary>
    public static void Send(int pid, Signal signal)
    {
        if (SendSignal(pid, (int)signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
            throw new Win32Exception(error, $"Signal {signal} to process {pid}");
    }

    static int[] Children(int pid) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Read(id)?.Parent == pid)];

    static (char State, int Parent)? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // "pid (name) state parent …", where the name may hold anything, parentheses too.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3);
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    static extern int SendSignal(int pid, int signal);
}
