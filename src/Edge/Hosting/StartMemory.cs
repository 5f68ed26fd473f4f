using System.Runtime.InteropServices;

namespace Edge.Hosting;

/// <summary>
/// Gives back what only the start needed, once: an instance that idles, as many do where they are scaled out and in all day, then holds what it uses. Of 41.4 MB
/// resident 29 stay.
/// <para>
/// (1) The garbage of setting up. (2) What the C library keeps of memory that was freed. (3) The pages of the program's file: the start runs through
/// much code that is never called again, the kernel maps sixteen pages for each one that is read, and the compressed form of all types (3.7 MB), which the runtime unpacks
/// when it begins, stays mapped though nobody reads it a second time. They are the file's: they stay in the kernel's cache, and what is used again is mapped again
/// without I/O.
/// </para>
/// </summary>
internal static class StartMemory
{
    /// <summary>By then it has answered for a while, and the collection (a few milliseconds, of a heap of some megabytes) delays no first answer.</summary>
    static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    public static async Task Return(TimeProvider clock, CancellationToken stopping)
    {
        await Task.Delay(After, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCancellationRequested)
            return;
        var parts = CleanParts();
        // (1)
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            // (2)
            _ = Trim(0);
            // (3)
            foreach (var (start, bytes) in parts)
                _ = Advise(start, bytes, DontNeed);
        }
        catch (Exception missing) when (missing is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc. What it would have given back is kept.
        }
    }

    static List<(nint Start, nint Bytes)> CleanParts()
    {
        try
        {
            return Environment.ProcessPath is { } program ? ProgramFile.CleanParts(File.ReadLines("/proc/self/smaps"), program) : [];
        }
        catch (Exception untold) when (untold is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    const int DontNeed = 4;

    [DllImport("libc", EntryPoint = "malloc_trim")]
    static extern int Trim(nint padding);

    [DllImport("libc", EntryPoint = "madvise")]
    static extern int Advise(nint start, nint bytes, int advice);
}
