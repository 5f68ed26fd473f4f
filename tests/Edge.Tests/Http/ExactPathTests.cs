using Edge.Http;

namespace Edge.Tests.Http;

public sealed class ExactPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/health", "/health")]
    [InlineData("/api/things/{id}", "/api/things/1")]
    [InlineData("/api/things/{id}", "/api/things/A%2Fb é")]
    [InlineData("/api/things/{id}/parts", "/api/things/1/parts")]
    [InlineData("/api/{kind}/{id}", "/api/things/1")]
    public void A_path_as_it_is_declared_matches(string template, string path) => Assert.True(new ExactPath(template).Matches(path));

    [Theory]
    [InlineData("/health", "/health/")]
    [InlineData("/health", "/Health")]
    [InlineData("/health", "/healthy")]
    [InlineData("/health", "")]
    [InlineData("/api/things/{id}", "/api/things/1/")]
    [InlineData("/api/things/{id}", "/API/things/1")]
    [InlineData("/api/things/{id}", "/api/things/1/parts")]
    [InlineData("/api/things/{id}/parts", "/api/things/1/Parts")]
    [InlineData("/api/things/{id}/parts", "/api/things/1/parts/")]
    [InlineData("/api/things/{id}/parts", "/api/things/1")]
    [InlineData("/api/{kind}/{id}", "/api/things/1/")]
    public void Any_other_spelling_does_not(string template, string path) => Assert.False(new ExactPath(template).Matches(path));
}
