-- The usual way, to compare with: a statement-level trigger that joins its transition tables, and NOTIFY in every transaction.
create or replace function changes_statement_level() returns trigger language plpgsql as $$
declare
    keys text;
begin
    select string_agg(coalesce(new_row.id, old_row.id)::text, ' ') into keys
    from new_rows new_row full join old_rows old_row on old_row.id = new_row.id
    where (old_row.price, old_row.stock, old_row.updated_at, old_row.name, old_row.category_id, old_row.created_at, old_row.description)
        is distinct from (new_row.price, new_row.stock, new_row.updated_at, new_row.name, new_row.category_id, new_row.created_at, new_row.description);
    if keys is not null then
        perform pg_notify('edge_changes', concat_ws(' ', 'products', pg_current_xact_id()::text, keys));
    end if;
    return null;
end $$;
create trigger changes_statement_level after update on products
    referencing old table as old_rows new table as new_rows for each statement execute function changes_statement_level();
