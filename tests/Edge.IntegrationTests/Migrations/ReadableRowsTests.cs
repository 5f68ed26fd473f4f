using Edge.Data;
using Npgsql;

namespace Edge.IntegrationTests.Migrations;

/// <summary>What the service could not read, and would answer with 500, the tables do not take from anybody.</summary>
public sealed class ReadableRowsTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("insert into products (category_id, name, description, price, stock) values (1, 'b', '', 'NaN', 1)")]
    [InlineData("update products set price = 'NaN'")]
    [InlineData("update orders set total = 'NaN'")]
    [InlineData("update order_items set unit_price = 'NaN'")]
    [InlineData("update users set created_at = '12000-01-01'")]
    [InlineData("update users set updated_at = '0044-03-15 BC'")]
    [InlineData("update products set created_at = '12000-01-01'")]
    [InlineData("update products set updated_at = '12000-01-01'")]
    [InlineData("update products set archived_at = '12000-01-01'")]
    [InlineData("update orders set created_at = '12000-01-01'")]
    [InlineData("update orders set updated_at = '12000-01-01'")]
    [InlineData("update blogs set created_at = '12000-01-01'")]
    [InlineData("update blogs set updated_at = '12000-01-01'")]
    [InlineData("update blogs set published_at = '12000-01-01'")]
    [InlineData("update stories set created_at = '12000-01-01', expires_at = '12000-01-02'")]
    [InlineData("update stories set created_at = '9999-12-31 12:00', expires_at = '10000-01-01 12:00'")]
    [InlineData("update opportunities set closes_at = '12000-01-01'")]
    [InlineData("update opportunities set created_at = '12000-01-01', closes_at = '12000-01-02'")]
    [InlineData("update opportunities set updated_at = '12000-01-01'")]
    [InlineData("update sessions set created_at = '12000-01-01', expires_at = '12000-01-02'")]
    [InlineData("update sessions set expires_at = '12000-01-02'")]
    [InlineData("update user_locations set recorded_at = '12000-01-01'")]
    [InlineData("update api_keys set created_at = '12000-01-01'")]
    [InlineData("update api_keys set revoked_at = '12000-01-01'")]
    public async Task No_table_takes_a_price_that_is_no_number_or_a_year_beyond_9999(string sql)
    {
        await using var database = await MigrationDatabase.Create(Cancel);
        Assert.True((await new Migrator(database.Source, database.Log, TimeProvider.System).Run(Cancel)).Succeeded);
        await database.Execute("""
            insert into users (email, username, display_name) values ('a@example.com', 'ann', 'Ann');
            insert into sessions (token_hash, user_id, expires_at) values (sha256('x'), 1, now() + interval '1 day');
            insert into user_locations (user_id, latitude, longitude) values (1, 0, 0);
            insert into categories (slug, name) values ('c', 'C');
            insert into products (category_id, name, description, price, stock) values (1, 'a', '', 0, 1);
            insert into orders (user_id, total, shipping_address) values (1, 0, 'Somewhere 1');
            insert into order_items (order_id, product_id, quantity, unit_price) values (1, 1, 1, 0);
            insert into blogs (author_id, slug, title, content) values (1, 'b', 'B', 'b');
            insert into stories (author_id, content) values (1, 's');
            insert into opportunities (author_id, kind, title, description, latitude, longitude, closes_at) values (1, 'job', 'o', 'o', 0, 0, now() + interval '1 day');
            insert into api_keys (name, prefix, key_hash, plan) values ('k', 'edge_1234567', sha256('k'), 'standard')
            """);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.Execute(sql));

        Assert.Equal(PostgresErrorCodes.CheckViolation, refused.SqlState);
    }
}
