-- What the service could not read, and would answer with 500, whoever wrote it. NaN is a numeric, and more than any price; a timestamptz reaches to
-- the year 294276, while the service's calendar ends with 9999. (least and greatest pass over nulls.)

alter table users add constraint users_times_readable
    check (least(created_at, updated_at) >= '0001-01-01 UTC' and greatest(created_at, updated_at) < '10000-01-01 UTC');

alter table sessions add constraint sessions_times_readable
    check (least(created_at, expires_at, revoked_at) >= '0001-01-01 UTC' and greatest(created_at, expires_at, revoked_at) < '10000-01-01 UTC');

alter table user_locations add constraint user_locations_times_readable
    check (recorded_at >= '0001-01-01 UTC' and recorded_at < '10000-01-01 UTC');

alter table products
    add constraint products_price_is_number check (price <> 'NaN'),
    add constraint products_times_readable
        check (least(created_at, updated_at, archived_at) >= '0001-01-01 UTC' and greatest(created_at, updated_at, archived_at) < '10000-01-01 UTC');

alter table orders
    add constraint orders_total_is_number check (total <> 'NaN'),
    add constraint orders_times_readable
        check (least(created_at, updated_at) >= '0001-01-01 UTC' and greatest(created_at, updated_at) < '10000-01-01 UTC');

alter table order_items add constraint order_items_unit_price_is_number check (unit_price <> 'NaN');

alter table blogs add constraint blogs_times_readable
    check (least(created_at, updated_at, published_at) >= '0001-01-01 UTC' and greatest(created_at, updated_at, published_at) < '10000-01-01 UTC');

alter table stories add constraint stories_times_readable
    check (created_at >= '0001-01-01 UTC' and expires_at < '10000-01-01 UTC');

alter table opportunities add constraint opportunities_times_readable
    check (least(created_at, updated_at, closes_at) >= '0001-01-01 UTC' and greatest(created_at, updated_at, closes_at) < '10000-01-01 UTC');

alter table api_keys add constraint api_keys_times_readable
    check (least(created_at, revoked_at) >= '0001-01-01 UTC' and greatest(created_at, revoked_at) < '10000-01-01 UTC');
