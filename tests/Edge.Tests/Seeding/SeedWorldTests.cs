using Edge.Core.Basics;
using Edge.Data.Seeding;

namespace Edge.Tests.Seeding;

public class SeedWorldTests
{
    static readonly DateTime AsOf = new(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc);

    readonly SeedWorld world = new(new SeedOptions { Users = 2_000, Products = 500, Orders = 5_000 }, AsOf);

    [Fact]
    public void Every_mistake_in_the_options_is_named_with_its_range()
    {
        var mistakes = new SeedOptions { Users = 99, Products = 0, Categories = 61, Orders = -1, Posts = 200_001, AsOf = DateTimeOffset.MinValue }.Mistakes();
        Assert.Equal(
            [
                "users is 99: write a number from 100 to 2000000", "products is 0: write a number from 1 to 500000",
                "categories is 61: write a number from 1 to 60", "orders is -1: write a number from 0 to 20000000",
                "posts is 200001: write a number from 0 to 200000", "as-of is 0001-01-01: write a day of the years 2001 to 2200",
            ],
            mistakes);
    }

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(new SeedOptions().Mistakes());

    [Fact]
    public void Orders_ascend_in_time_within_the_last_ninety_days_and_hold_distinct_products()
    {
        var book = new OrderBook(world);
        var last = AsOf.AddDays(-SeedWorld.OrderDays);
        for (var i = 0; i < world.Options.Orders; i++)
        {
            book.Turn(i);
            Assert.InRange(book.CreatedAt, last, AsOf);
            Assert.InRange(book.UpdatedAt, book.CreatedAt, AsOf);
            Assert.InRange(book.Lines.Length, 1, OrderBook.MaxLines);
            var products = new HashSet<int>();
            foreach (var line in book.Lines)
            {
                Assert.True(products.Add(line.ProductId), $"order {book.Id} has product {line.ProductId} twice");
                Assert.InRange(line.UnitCents, world.Shelf.CentsOf(line.ProductId) * 9 / 10, world.Shelf.CentsOf(line.ProductId));
            }
            last = book.CreatedAt;
        }
    }

    [Fact]
    public void An_order_is_the_same_whichever_was_looked_at_before()
    {
        var inOrder = new OrderBook(world);
        for (var i = 0; i <= 700; i++) inOrder.Turn(i);
        var direct = new OrderBook(world);
        direct.Turn(700);
        Assert.Equal((inOrder.Id, inOrder.UserId, inOrder.CreatedAt, inOrder.Status, inOrder.Address()), (direct.Id, direct.UserId, direct.CreatedAt, direct.Status, direct.Address()));
        Assert.Equal(inOrder.Lines.ToArray(), direct.Lines.ToArray());
    }

    [Fact]
    public void Another_seed_gives_other_orders()
    {
        var other = new OrderBook(new SeedWorld(world.Options with { Seed = 2 }, AsOf));
        var book = new OrderBook(world);
        var same = 0;
        for (var i = 0; i < 100; i++)
        {
            book.Turn(i);
            other.Turn(i);
            if (book.UserId == other.UserId) same++;
        }
        Assert.InRange(same, 0, 10);
    }

    [Fact]
    public void Buyers_had_joined_before_they_bought()
    {
        var book = new OrderBook(world);
        var random = new RandomSource(0);
        for (var i = 0; i < world.Options.Orders; i++)
        {
            book.Turn(i);
            Assert.True(world.UserCreatedAt(book.UserId, world.Stream(random, SeedStream.User, book.UserId)) <= book.CreatedAt, $"order {book.Id}");
        }
    }

    [Fact]
    public void Old_orders_are_settled_and_about_three_in_a_hundred_are_cancelled()
    {
        var book = new OrderBook(world);
        int old = 0, delivered = 0, cancelled = 0;
        for (var i = 0; i < world.Options.Orders; i++)
        {
            book.Turn(i);
            if (book.Cancelled) cancelled++;
            if (AsOf - book.CreatedAt < TimeSpan.FromDays(10) || book.Cancelled) continue;
            old++;
            if (book.Status == "delivered") delivered++;
            Assert.NotEqual("pending", book.Status);
        }
        Assert.InRange(cancelled / (double)world.Options.Orders, 0.02, 0.04);
        Assert.InRange(delivered / (double)old, 0.97, 1);
    }

    [Fact]
    public void A_shop_of_one_product_and_one_category_still_sells()
    {
        var book = new OrderBook(new SeedWorld(new SeedOptions { Users = 100, Products = 1, Categories = 1, Orders = 50 }, AsOf));
        for (var i = 0; i < 50; i++)
        {
            book.Turn(i);
            Assert.Equal(1, Assert.Single(book.Lines.ToArray()).ProductId);
        }
    }
}
