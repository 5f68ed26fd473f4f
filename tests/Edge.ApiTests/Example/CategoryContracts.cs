using System.Text.Json.Serialization;

namespace Edge.ApiTests.Example;

// CategoryContracts.cs: what clients see.
internal sealed record Category(string Slug, string Name, long Products);

internal sealed record Categories(IReadOnlyList<Category> Items);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Categories))]
internal sealed partial class CategoriesJson : JsonSerializerContext;
