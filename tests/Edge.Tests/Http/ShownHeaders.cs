using System.Text;
using Edge.Http;
using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Http;

/// <summary>Headers as a client sees them: the lines that one carries for others (<see cref="HeaderLines"/>) as headers of their own.</summary>
internal static class ShownHeaders
{
    public static IHeaderDictionary Of(IHeaderDictionary set)
    {
        IHeaderDictionary shown = new HeaderDictionary();
        foreach (var (name, values) in set)
        {
            if (HeaderLines.EncodingOf(name) is not { } encoding)
            {
                shown[name] = values;
                continue;
            }
            foreach (var line in $"{name}: {Encoding.ASCII.GetString(encoding.GetBytes(values.ToString()))}".Split("\r\n"))
            {
                var parts = line.Split(": ", 2);
                shown.Append(parts[0], parts[1]);
            }
        }
        return shown;
    }
}
