\set id random(1, 20000)
\set cents random(100, 100000)
update products set price = :cents / 100.0, updated_at = now() where id = :id;
