using Edge.Data;
using Edge.Http;

namespace Edge.ApiTests.Example;

// CategoryEndpoints.cs: declared routes, named handlers.
internal sealed class CategoryEndpoints(Database database)
{
    static readonly Parameter<int> Rows = Parameters.Integer("rows", 1, 100, 10, "How many categories.");

    public void Map(RouteTable routes) => routes.Get(
        new() { Path = "/api/categories", Tag = "Catalogue", Summary = "Categories, largest first", Parameters = [Rows] },
        static () => CategoriesJson.Default.Categories, Largest);

    internal async ValueTask<Answer<Categories>> Largest(Call call) =>
        new Categories(await CategoryQueries.Largest(database, call.Get(Rows), call.Cancelled));
}
