namespace Edge.Data.Generator.Tests;

/// <summary>The checkout that this program was built from.</summary>
internal static class Sources
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string folder)
    {
        var current = folder;
        while (!File.Exists(Path.Combine(current, "Edge.sln")))
            current = Path.GetDirectoryName(current) ?? throw new DirectoryNotFoundException($"No Edge.sln above {folder}.");
        return current;
    }
}
