using System.Diagnostics;

namespace Edge.Tests.House;

/// <summary>A file of the repository, by its path from the root with slashes.</summary>
sealed record SourceFile(string Path, string Text)
{
    string? _code;

    /// <summary>Of a C# file: its text without strings and comments.</summary>
    public string Code => _code ??= CodeText.WithoutTexts(Text);

    /// <summary>Code that somebody keeps. What the generator's tests feed it, and what comes out, is data.</summary>
    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal) && !IsIn("tests/Edge.Data.Generator.Tests/Cases");

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);
}

static class Checkout
{
    /// <summary>The root of the checkout that this program was built from.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every text file that is committed or about to be.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } =
        [.. ListPaths().Select(static path => (Path: path, Full: Path.Combine(Root, path)))
            .Where(static file => File.Exists(file.Full))
            .Select(static file => new SourceFile(file.Path, File.ReadAllText(file.Full)))
            .Where(static file => !file.Text.Contains('\0'))];

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Edge.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException("No folder above this program holds Edge.sln.");
    }

    static string[] ListPaths()
    {
        // The checkout may belong to another user than the one who tests it; git would refuse to read it then.
        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var paths = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "git ls-files failed: these tests need a git checkout");
        return paths.Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }
}
