using System.Data;
using System.Text.Json.Serialization;
using Npgsql;

// One product by hand: what Edge's uncached read is measured against. Same statement, same JSON, same pool.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ProductJson.Default));

var url = new Uri(Environment.GetEnvironmentVariable("DATABASE_URL")!);
var user = url.UserInfo.Split(':');
var settings = new NpgsqlConnectionStringBuilder
{
    Host = url.Host,
    Port = url.Port,
    Database = url.AbsolutePath[1..],
    Username = user[0],
    Password = user[1],
    MaxPoolSize = int.Parse(Environment.GetEnvironmentVariable("DB_MAX_CONNECTIONS")!),
    MaxAutoPrepare = 10,
    AutoPrepareMinUsages = 1,
};
await using var source = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).Build();

var app = builder.Build();
app.MapGet("/api/products/{id:long}", async (long id, CancellationToken cancel) =>
{
    await using var connection = await source.OpenConnectionAsync(cancel);
    await using var command = new NpgsqlCommand(Product.Select, connection);
    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
    await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancel);
    return await reader.ReadAsync(cancel) ? Results.Ok(Product.Read(reader)) : Results.NotFound();
});
app.Run();

internal sealed record Product(
    long Id, string Name, string Description, decimal Price, int Stock, string Category, DateTime CreatedAt, DateTime UpdatedAt)
{
    public const string Select = """
        select p.id, p.name, p.description, p.price, p.stock, c.slug as category, p.created_at, p.updated_at
        from products p
        join categories c on c.id = p.category_id
        where p.id = $1
        """;

    public static Product Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetDecimal(3), row.GetInt32(4), row.GetString(5), row.GetDateTime(6), row.GetDateTime(7));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Product))]
internal sealed partial class ProductJson : JsonSerializerContext;
