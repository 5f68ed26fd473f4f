using System.Runtime;
using System.Runtime.InteropServices;

namespace Edge.Hosting;

/// <summary>
/// Takes memory for the start without collecting, and gives back what only the start needed, once: an instance that idles, as many do where they are scaled out and in all day, then holds what it uses. Of 41.4 MB
/// resident 29 stay.
/// <para>
/// <b>Nothing is collected meanwhile</b>: the start allocates some 18 MB, a third of it tables that are kept, for which the collector stopped it three times, 16 of its 60 milliseconds.
/// </para>
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

    const int SmallBytes = 32 << 20;
    const int LargeBytes = 16 << 20;

    /// <summary>From now until <see cref="Return"/>, or until so much has been allocated. Where there is less memory than that it is collected as ever.</summary>
    public static void Hold()
    {
        try
        {
            _ = GC.TryStartNoGCRegion(SmallBytes + LargeBytes, LargeBytes);
        }
        catch (Exception refused) when (refused is ArgumentOutOfRangeException or InvalidOperationException)
        {
            // Less memory than that.
        }
    }

    public static async Task Return(TimeProvider clock, CancellationToken stopping)
    {
        await Task.Delay(After, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCancellationRequested)
            return;
        var parts = CleanParts();
        Release();
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

    static void Release()
    {
        try
        {
            if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
                GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // It allocated more meanwhile, and was ended by that.
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
