namespace Edge.Testing;

/// <summary>The checkout that these tests were built from.</summary>
public static class Repository
{
    /// <summary>Its root folder, the one that holds <c>Edge.sln</c>.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string folder)
    {
        for (var candidate = new DirectoryInfo(folder); candidate is not null; candidate = candidate.Parent)
            if (File.Exists(Path.Combine(candidate.FullName, "Edge.sln")))
                return candidate.FullName;
        throw new DirectoryNotFoundException($"No folder above {folder} holds Edge.sln.");
    }
}
