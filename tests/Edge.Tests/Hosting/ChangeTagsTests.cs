using Edge.Data.Changes;
using Edge.Hosting;

namespace Edge.Tests.Hosting;

public sealed class ChangeTagsTests
{
    [Theory]
    [InlineData("products", "42", "product:42 products")]
    [InlineData("products", null, "product products")]
    [InlineData("categories", "3", "product products sales")]
    [InlineData("categories", null, "product products sales")]
    [InlineData("users", "7", "analytics:7 user:7 users")]
    [InlineData("users", null, "analytics user users")]
    [InlineData("blogs", "a-post", "blog:a-post blogs")]
    [InlineData("blogs", null, "blog blogs")]
    [InlineData("authors", "7", "blog blogs")]
    [InlineData("authors", null, "blog blogs")]
    [InlineData("sessions", "\\x6f1e", "session:6f1e")]
    [InlineData("sessions", null, "session")]
    [InlineData("accounts", "7", "session")]
    [InlineData("nothing", "7", "")]
    public void A_change_makes_these_tags_invalid(string subject, string? key, string tags) =>
        Assert.Equal(tags, Tags(new RowChange(subject, key, 1)));

    [Fact]
    public void Every_subject_is_listened_for_once() => Assert.Equal(
        ["accounts", "authors", "blogs", "categories", "products", "sessions", "users"], ChangeTags.Subjects.Order(StringComparer.Ordinal));

    static string Tags(RowChange change) => string.Join(' ', ChangeTags.Of(change).Order(StringComparer.Ordinal));
}
