// The least that Kestrel can do to send given bytes: what Edge's cached read is measured against. Routing, a type, a length, the body.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT")}");
var body = File.ReadAllBytes(Environment.GetEnvironmentVariable("BODY")!);
var app = builder.Build();
app.MapMethods("/api/products/{id}", ["GET"], (RequestDelegate)(context =>
{
    context.Response.ContentType = "application/json";
    context.Response.ContentLength = body.Length;
    return context.Response.Body.WriteAsync(body).AsTask();
}));
app.Run();
