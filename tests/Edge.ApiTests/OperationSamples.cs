using Edge.Features.Accounts;
using Edge.Hosting;
using Edge.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.ApiTests;

/// <summary>A call that an operation answers with success.</summary>
/// <param name="Body">JSON; null: none.</param>
internal sealed record SampleCall(string Target, string? Body = null)
{
    /// <summary>Beside the session.</summary>
    public (string Name, string Value)[] Headers { get; init; } = [];
}

/// <summary>
/// A sample call of every operation, for the facts that hold of all of them. Most come from /openapi.json alone: 1 for an id, the example for
/// the body. Whatever needs more (something that the caller owns, a body that must be new each time, a header) has a line here.
/// </summary>
internal static class OperationSamples
{
    /// <summary>By method and path: makes what the call needs, for the person of this id, and gives the call. Made anew for each call.</summary>
    static readonly Dictionary<string, Func<SeededDatabase, long, Task<SampleCall>>> Made = new()
    {
        ["DELETE /api/blogs/{slug}"] = static async (database, person) => new("/api/blogs/" + await Blog(database, person)),
        ["DELETE /api/opportunities/{id}"] = static async (database, person) => new($"/api/opportunities/{await Opportunity(database, person)}"),
        ["DELETE /api/products/{id}"] = static async (database, _) => new($"/api/products/{await Product(database)}"),
        ["DELETE /api/stories/{id}"] = static async (database, person) => new($"/api/stories/{await Story(database, person)}"),
        ["GET /api/blogs/{slug}"] = static async (database, _) => new("/api/blogs/" + await database.Value<string>("select min(slug) from blogs where status = 'published'")),
        ["GET /api/opportunities/{id}"] = static async (database, person) => new($"/api/opportunities/{await Opportunity(database, person)}"),
        ["GET /api/orders/{id}"] = static async (database, person) => new($"/api/orders/{await Order(database, person)}"),
        ["GET /api/stories/{id}"] = static async (database, person) => new($"/api/stories/{await Story(database, person)}"),
        ["GET /api/users/bulk-analytics"] = static (_, person) => Task.FromResult(new SampleCall($"/api/users/bulk-analytics?user_ids=1,2,{person}")),
        ["GET /api/users/{id}/analytics"] = static (_, person) => Task.FromResult(new SampleCall($"/api/users/{person}/analytics")),
        ["GET /api/users/{id}/recommendations"] = static (_, person) => Task.FromResult(new SampleCall($"/api/users/{person}/recommendations")),
        ["PATCH /api/users/{id}"] = static (_, person) => Task.FromResult(new SampleCall($"/api/users/{person}", """{ "displayName": "Sample" }""")),
        ["POST /api/opportunities"] = static (_, _) => Task.FromResult(new SampleCall("/api/opportunities", NewOpportunity.Replace("{0}", Soon, StringComparison.Ordinal))),
        ["POST /api/orders"] = static async (database, _) =>
            new("/api/orders", $$"""{ "items": [{ "productId": {{await Product(database)}}, "quantity": 1 }], "shippingAddress": "Somewhere 1" }""")
            {
                Headers = [("Idempotency-Key", Guid.NewGuid().ToString())],
            },
        ["POST /api/orders/{id}/cancel"] = static async (database, person) => new($"/api/orders/{await Order(database, person)}/cancel"),
        ["POST /api/products"] = static async (database, _) =>
            new("/api/products", $$"""{ "name": "Sample", "description": "", "price": 5, "stock": 1, "category": "{{await database.Value<string>("select min(slug) from categories")}}" }"""),
        ["POST /auth/login"] = static async (database, _) => new("/auth/login", $$"""{ "email": "{{await Person(database)}}", "password": "{{Password}}" }"""),
        ["POST /auth/register"] = static (_, _) => Task.FromResult(new SampleCall(
            "/auth/register", $$"""{ "email": "{{Guid.NewGuid():N}}@example.com", "username": "{{Guid.NewGuid().ToString("N")[..20]}}", "password": "{{Password}}" }""")),
        ["PUT /api/blogs/{slug}"] = static async (database, person) =>
            new("/api/blogs/" + await Blog(database, person), """{ "title": "Another", "content": "Changed for a test.", "tags": [], "status": "published" }"""),
        ["PUT /api/opportunities/{id}"] = static async (database, person) =>
            new($"/api/opportunities/{await Opportunity(database, person)}", NewOpportunity.Replace("{0}", Soon, StringComparison.Ordinal)),
    };

    const string NewOpportunity =
        """{ "kind": "gig", "title": "Sample", "description": "Made for a test.", "tags": [], "latitude": 1.5, "longitude": 2.5, "closesAt": "{0}" }""";

    static Task<string> Blog(SeededDatabase database, long person) => database.Value<string>(
        """
        insert into blogs (author_id, slug, title, content, status, published_at)
        values (@person, 'sample-' || nextval('blogs_id_seq'), 'Sample', 'Made for a test.', 'published', now()) returning slug
        """, ("person", person));

    static Task<long> Opportunity(SeededDatabase database, long person) => database.Value<long>(
        """
        insert into opportunities (author_id, kind, title, description, latitude, longitude, closes_at)
        values (@person, 'gig', 'Sample', 'Made for a test.', 1.5, 2.5, now() + interval '9 days') returning id
        """, ("person", person));

    static Task<long> Story(SeededDatabase database, long person) =>
        database.Value<long>("insert into stories (author_id, content) values (@person, 'Made for a test.') returning id", ("person", person));

    static Task<long> Product(SeededDatabase database) => database.Value<long>(
        "insert into products (category_id, name, description, price, stock) select min(id), 'Sample', 'Made for a test.', 5, 50 from categories returning id");

    static Task<long> Order(SeededDatabase database, long person) => database.Value<long>(
        """
        with made as (insert into orders (user_id, total, shipping_address) values (@person, 5, 'Somewhere 1') returning id),
             product as (insert into products (category_id, name, description, price, stock) select min(id), 'Sample', 'Made for a test.', 5, 50 from categories returning id),
             line as (insert into order_items (order_id, product_id, quantity, unit_price) select made.id, product.id, 1, 5 from made, product)
        select id from made
        """, ("person", person));

    static async Task<string> Person(SeededDatabase database)
    {
        var email = $"sample_{Guid.NewGuid():N}@example.com";
        await database.Execute(
            "insert into users (email, username, display_name, password_hash) values (@email, substr(@email, 1, 29), 'Sample', @hash)",
            ("email", email), ("hash", PasswordHashes.Of(Password)));
        return email;
    }

    const string Password = "a long enough password";

    static string Soon => TimeProvider.System.GetUtcNow().AddDays(9).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All operations as they are declared, by method and path: what /openapi.json leaves out.</summary>
    public static async Task<Dictionary<string, Operation>> Declared()
    {
        await using var app = EdgeHost.Build(new() { Port = 0 }, TimeProvider.System);
        return ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints)
            .Select(static endpoint => endpoint.Metadata.GetMetadata<Operation>()!)
            .ToDictionary(static operation => $"{operation.Method} {operation.Path}");
    }

    /// <param name="person">Whose call it is.</param>
    public static async Task<SampleCall> Of(ApiRoute route, SeededDatabase database, long person) =>
        Made.TryGetValue(route.ToString(), out var make) ? await make(database, person) : new(route.Address(), route.BodyExample);
}
