using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Data;

/// <summary>One <c>Migrations/NNNN_name.sql</c>. Versions count from 1 without holes.</summary>
internal sealed record MigrationFile
{
    public const string OutsideTransactionMark = "-- no transaction";

    public MigrationFile(string fileName, string text)
    {
        var separator = fileName.IndexOf('_');
        if (!fileName.EndsWith(".sql", StringComparison.Ordinal) || separator != 4
            || !int.TryParse(fileName.AsSpan(0, separator), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new ArgumentException($"{fileName}: a migration is named NNNN_name.sql", nameof(fileName));
        FileName = fileName;
        Version = version;
        // A checkout with CRLF must have the checksum of one with LF.
        Text = text.ReplaceLineEndings("\n");
        Checksum = SHA256.HashData(Encoding.UTF8.GetBytes(Text));
        InTransaction = !Text.StartsWith(OutsideTransactionMark, StringComparison.Ordinal);
    }

    public string FileName { get; }

    public int Version { get; }

    public string Text { get; }

    public byte[] Checksum { get; }

    /// <summary>False for a file whose first line is <c>-- no transaction</c> (CREATE INDEX CONCURRENTLY).</summary>
    public bool InTransaction { get; }

    public int LineOf(int offset) => Text.AsSpan(0, Math.Clamp(offset, 0, Text.Length)).Count('\n') + 1;

    /// <summary>Every migration of this binary, in order.</summary>
    public static IReadOnlyList<MigrationFile> Embedded()
    {
        const string folder = "Migrations/";
        var assembly = typeof(MigrationFile).Assembly;
        var files = new List<MigrationFile>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(folder, StringComparison.Ordinal)) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            files.Add(new MigrationFile(resource[folder.Length..], reader.ReadToEnd()));
        }
        return InOrder(files);
    }

    public static IReadOnlyList<MigrationFile> InOrder(List<MigrationFile> files)
    {
        files.Sort((a, b) => a.Version.CompareTo(b.Version));
        for (var i = 0; i < files.Count; i++)
            if (files[i].Version != i + 1)
                throw new ArgumentException($"{files[i].FileName}: version {i + 1} was expected here", nameof(files));
        return files;
    }
}
