-- The messages of 0003_changes.sql are `subject number [key…]`, and the number was the transaction's. Instances know a change by that name: whoever
-- finds it told need not tell it. But the number of a transaction that has yet to commit can be guessed, and whoever may connect may NOTIFY: a message
-- in its name, sent before, had the real one taken for told, and what it changed was shown until it expired. So the number ends in 32 random bits now,
-- one number for a transaction and subject: before the commit nobody knows it but the session that writes. It begins with the transaction's, so that
-- writers who choose their randomness (setseed) repeat no number.
--
-- The functions that 0003 made are patched where they are, those of the tables of later files with them, and edge_watch, which makes new ones.
-- Their memory of what a transaction has told has another name from here on: one that is open meanwhile would be misread.
do $$
declare
    random constant text := '(mod(pg_current_xact_id()::text::bigint, 1073741824) * 4294967296 + (random() * 4294967295)::bigint)';
    of_messages constant text[] := array[['pg_current_xact_id()::text', random || '::text']];
    of_triggers constant text[] := array[
        ['transaction text;', 'transaction text; number text;'],
        ['current_setting(''edge.', 'current_setting(''edge.told_'],
        ['count := case when split_part(told, '' '', 1) = transaction then split_part(told, '' '', 2)::int else 0 end;',
         'if split_part(told, '' '', 1) = transaction then number := split_part(told, '' '', 2); count := split_part(told, '' '', 3)::int;
            else number := ' || random || '; count := 0; end if;'],
        ['concat_ws('' '', transaction, count, keys)', 'concat_ws('' '', transaction, number, count, keys)'],
        ['set_config(''edge.', 'set_config(''edge.told_'],
        ['concat_ws('' '', transaction, count + 1, keys)', 'concat_ws('' '', transaction, number, count + 1, keys)'],
        [', transaction, keys)', ', number, keys)']];
    made record;
    patches text[];
    patch text[];
    definition text;
begin
    for made in
        select oid, proname from pg_proc where pronamespace = current_schema()::regnamespace
        and (proname in ('edge_flush_changes', 'edge_truncated', 'edge_watch') or proname like 'edge\_changed\_%')
    loop
        definition := pg_get_functiondef(made.oid);
        patches := case when made.proname in ('edge_flush_changes', 'edge_truncated') then of_messages else of_triggers end;
        foreach patch slice 1 in array patches loop
            if position(patch[1] in definition) = 0 then
                raise exception 'function % is not as 0003_changes.sql made it: there is no "%" in it', made.proname, patch[1];
            end if;
            definition := replace(definition, patch[1], patch[2]);
        end loop;
        execute definition;
    end loop;
end $$;
