using System.Text.Json;
using Edge.ApiTests.Example;
using Edge.Data;
using Edge.Http;
using Edge.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using static Edge.ApiTests.Contract;

namespace Edge.ApiTests;

/// <summary>The feature that the README shows is the one in Example/, and works.</summary>
public sealed class ExampleFacts : Facts
{
    public ExampleFacts(TestBed bed) : base(bed.InProcess)
    {
    }

    [Theory]
    [InlineData("CategoryContracts.cs")]
    [InlineData("CategoryQueries.cs")]
    [InlineData("CategoryEndpoints.cs")]
    public void The_readme_shows_the_file_to_the_letter(string file)
    {
        var code = File.ReadAllText(Path.Combine(Repository.Root, "tests/Edge.ApiTests/Example", file));
        var shown = code[code.IndexOf("// " + file, StringComparison.Ordinal)..].TrimEnd();
        Assert.Contains(shown, File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
    }

    [Fact]
    public async Task The_feature_answers_and_refuses_as_any_other()
    {
        await using var database = new Database(Parsed(Database.Url));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        new CategoryEndpoints(database).Map(new RouteTable(app, [], new CursorCodec([1]), new AdminGate(null)));
        await app.StartAsync(Cancelled);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/categories?rows=3", UriKind.Relative), Cancelled)).RootElement;
        var expected = await Database.Column<long>("select count(*) as n from products group by category_id order by n desc limit 3");
        Assert.Equal(expected, answer.GetProperty("items").EnumerateArray().Select(static category => category.GetProperty("products").GetInt64()));

        using var refused = await http.GetAsync(new Uri("/api/categories?rows=0", UriKind.Relative), Cancelled);
        Assert.Equal(400, (int)refused.StatusCode);
    }

    static DatabaseOptions Parsed(string url)
    {
        Assert.True(DatabaseUrl.TryParse(url, out var options, out var problem), problem);
        return options;
    }
}
