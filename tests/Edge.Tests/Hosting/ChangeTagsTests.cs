using Edge.Data.Changes;
using Edge.Hosting;

namespace Edge.Tests.Hosting;

public sealed class ChangeTagsTests
{
    [Theory]
    [InlineData("products", "42", "dashboard.popular product:42 products")]
    [InlineData("products", null, "dashboard.popular product products")]
    [InlineData("stock", "42", "product:42 stock")]
    [InlineData("stock", null, "product stock")]
    [InlineData("categories", "3", "dashboard.popular product products sales")]
    [InlineData("categories", null, "dashboard.popular product products sales")]
    [InlineData("users", "7", "analytics:7 user:7 users")]
    [InlineData("users", null, "analytics user users")]
    [InlineData("blogs", "a-post", "blog:a-post blogs dashboard.posts")]
    [InlineData("blogs", null, "blog blogs dashboard.posts")]
    [InlineData("authors", "7", "blog blogs dashboard.posts opportunities opportunity stories story users nearby")]
    [InlineData("authors", null, "blog blogs dashboard.posts opportunities opportunity stories story users nearby")]
    [InlineData("stories", "7", "stories story:7")]
    [InlineData("stories", null, "stories story")]
    [InlineData("opportunities", "7", "opportunities opportunity:7")]
    [InlineData("opportunities", null, "opportunities opportunity")]
    [InlineData("user_locations", "90,-180", "users nearby 0.05/3599/0 users nearby 0.25/719/0 users nearby 1/179/0")]
    [InlineData("user_locations", "here", "users nearby")]
    [InlineData("user_locations", null, "users nearby")]
    [InlineData("opportunity_places", "-90,0", "opportunities nearby 0.05/0/3 opportunities nearby 0.25/0/3 opportunities nearby 1/0/3")]
    [InlineData("opportunity_places", null, "opportunities nearby")]
    [InlineData("sessions", "\\x6f1e", "session:6f1e")]
    [InlineData("sessions", null, "session")]
    [InlineData("sessions", "x", "session")]
    [InlineData("accounts", "7", "session")]
    [InlineData("api_keys", "\\x6f1e", "api_key:6f1e")]
    [InlineData("api_keys", null, "api_key")]
    [InlineData("api_keys", "x", "api_key")]
    [InlineData("api_keys", "", "api_key")]
    [InlineData("api_keys", "\\x", "api_key:")]
    [InlineData("nothing", "7", "")]
    public void A_change_makes_these_tags_invalid(string subject, string? key, string tags) =>
        Assert.Equal(tags, Tags(new RowChange(subject, key, 1)));

    [Fact]
    public void Every_subject_is_listened_for_once() => Assert.Equal(
        ["accounts", "api_keys", "authors", "blogs", "categories", "opportunities", "opportunity_places", "products", "sessions", "stock", "stories", "user_locations", "users"],
        ChangeTags.Subjects.Order(StringComparer.Ordinal));

    static string Tags(RowChange change) => string.Join(' ', ChangeTags.Of(change).Order(StringComparer.Ordinal));
}
