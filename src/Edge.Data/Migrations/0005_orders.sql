-- Products that are no longer sold, what an order's states may follow, and what was answered to whoever may ask again.

-- Catalogue ------------------------------------------------------------------------------------

-- Not null: taken out of the catalogue. The row stays for the orders that name it; no public answer shows it.
alter table products add archived_at timestamptz null;
create index idx_products_archived on products (id) where archived_at is not null;

-- Sales change the stock and nothing else, many times a second. They are told by a subject of their own, so that what merely repeats the
-- stock beside something dear ("popular") need not be made anew for each.
drop function edge_changed_products cascade;
drop trigger edge_truncated_products on products;
select edge_watch('products', 'products', 'id', '{price, updated_at, archived_at, name, category_id, created_at, description}');
select edge_watch('products', 'stock', 'id', '{stock}', events => 'update');

-- The number is written out: of a limit that it does not know Postgres expects a tenth of the rows, and then reads all products. A function
-- rather than a view, since of a view's columns nobody knows that they are never null; Postgres inlines it.
create function popular_products() returns table (id bigint, name text, price numeric, stock integer, category text, bought bigint)
language sql stable as $$
select p.id, p.name, p.price, p.stock, c.slug as category, s.bought
from (select i.product_id, sum(i.quantity) as bought
      from order_items i
      where not i.cancelled and i.ordered_at >= now() - interval '30 days'
        and not exists (select from products gone where gone.id = i.product_id and gone.archived_at is not null)
      group by i.product_id
      order by bought desc, i.product_id
      limit 20) s
join products p on p.id = s.product_id
join categories c on c.id = p.category_id
order by s.bought desc, p.id
$$;

-- Orders ---------------------------------------------------------------------------------------

-- pending → paid → shipped → delivered; until it is shipped an order can be cancelled, and that is its end.
create function edge_order_moves() returns trigger language plpgsql as $$
begin
    if (old.status, new.status) not in (('pending', 'paid'), ('paid', 'shipped'), ('shipped', 'delivered'), ('pending', 'cancelled'), ('paid', 'cancelled')) then
        raise exception 'order % is %, which % cannot follow', old.id, old.status, new.status
            using errcode = 'check_violation', constraint = 'orders_status_moves', table = 'orders';
    end if;
    return new;
end $$;
create trigger edge_order_moves before update of status on orders
for each row when (old.status is distinct from new.status) execute function edge_order_moves();

-- What a cancellation means is done here, so that it is the same whoever cancels, psql included: the lines no longer count as sales, and the
-- stock is back. Once, because no state follows a cancelled one. Products are locked in the order of their ids, as by those who buy.
create function edge_order_cancelled() returns trigger language plpgsql as $$
begin
    perform from products where id in (select product_id from order_items where order_id = new.id) order by id for no key update;
    update products p set stock = p.stock + i.quantity from order_items i where i.order_id = new.id and p.id = i.product_id;
    update order_items set cancelled = true where order_id = new.id;
    return null;
end $$;
create trigger edge_order_cancelled after update of status on orders
for each row when (new.status = 'cancelled' and old.status <> 'cancelled') execute function edge_order_cancelled();

-- Answers to what must not be done twice, kept for 24 hours. Whoever writes one deletes a few that are older.
create table idempotency_keys (
    user_id    bigint      not null references users on delete cascade,
    -- as the client made it up
    key        text        not null check (key ~ '^[!-~]{1,255}$'),
    -- SHA-256 of what was asked for
    body_hash  bytea       not null check (octet_length(body_hash) = 32),
    status     smallint    not null check (status between 200 and 299),
    location   text        not null,
    -- JSON, byte for byte as it was sent
    answer     bytea       not null,
    created_at timestamptz not null default now(),
    primary key (user_id, key)
);
create index idx_idempotency_keys_created_at on idempotency_keys (created_at);
