using System.Reflection;

namespace Edge.Http;

internal static class EdgeVersion
{
    /// <summary>As in <c>0.1.0</c>, with the commit where the build knew it.</summary>
    public static string Text { get; } =
        typeof(EdgeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
