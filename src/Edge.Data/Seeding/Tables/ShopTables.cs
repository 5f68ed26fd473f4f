using Edge.Core.Basics;
using Edge.Data.Seeding.Vocabulary;

namespace Edge.Data.Seeding.Tables;

internal sealed class CategoriesTable(SeedWorld world) : SeedTable("categories", "id, slug, name", world.Options.Categories)
{
    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        var category = Catalogue.Categories[(int)unit].Category;
        await copy.Row();
        await copy.Int((int)unit + 1);
        await copy.Text(category.Slug);
        await copy.Text(category.Name);
    }
}

internal sealed class ProductsTable : SeedTable
{
    const double SoldOut = 0.06;

    readonly SeedWorld world;
    readonly RandomSource random = new(0);
    readonly TextComposer composer;

    public ProductsTable(SeedWorld world)
        : base("products", "id, category_id, name, description, price, stock, created_at, updated_at", world.Options.Products)
    {
        this.world = world;
        composer = new TextComposer(random);
    }

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        var id = (int)unit + 1;
        world.Stream(random, SeedStream.Product, id);
        var category = world.Shelf.CategoryOf(id);
        var createdAt = world.Shelf.CreatedAt(id);
        await copy.Row();
        await copy.Long(id);
        await copy.Int(category + 1);
        await copy.Text(ProductText.Name(composer.About(category), random));
        await copy.Text(ProductText.Description(composer.Restart(), random));
        await copy.Money(world.Shelf.CentsOf(id));
        await copy.Int(Stock());
        await copy.Instant(createdAt);
        await copy.Instant(random.Chance(0.6) ? world.After(createdAt, 500 * 86_400.0, random) : createdAt);
    }

    int Stock()
    {
        if (random.Chance(SoldOut)) return 0;
        var u = random.NextDouble();
        return 1 + (int)(400 * u * u * u);
    }
}

internal sealed class OrdersTable(SeedWorld world) : SeedTable(
    "orders", "id, user_id, status, total, shipping_address, created_at, updated_at", world.Options.Orders)
{
    readonly OrderBook order = new(world);

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        order.Turn(unit);
        await copy.Row();
        await copy.Long(order.Id);
        await copy.Long(order.UserId);
        await copy.Text(order.Status);
        await copy.Money(order.TotalCents);
        await copy.Text(order.Address());
        await copy.Instant(order.CreatedAt);
        await copy.Instant(order.UpdatedAt);
    }
}

internal sealed class OrderItemsTable(SeedWorld world) : SeedTable(
    "order_items", "order_id, product_id, quantity, unit_price, ordered_at, cancelled", world.Options.Orders)
{
    readonly OrderBook order = new(world);

    public override async ValueTask Write(long unit, CopyWriter copy)
    {
        order.Turn(unit);
        for (var i = 0; i < order.Lines.Length; i++)
        {
            var line = order.Lines[i];
            await copy.Row();
            await copy.Long(order.Id);
            await copy.Long(line.ProductId);
            await copy.Int(line.Quantity);
            await copy.Money(line.UnitCents);
            await copy.Instant(order.CreatedAt);
            await copy.Flag(order.Cancelled);
        }
    }
}
