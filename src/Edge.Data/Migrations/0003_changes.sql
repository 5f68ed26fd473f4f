-- Tells every instance, within a second of the commit, what became stale of the answers it keeps: whoever wrote, psql included.
-- ChangeFeed listens; each feature's XCache says which tags a change makes invalid.
--
-- A message on channel edge_changes is `subject transaction [key…]`: `products 7391 42`. No key: any row of it may have changed.
-- The transaction's number makes a message unique to it, so that instances can agree on one of them to act for all; within one
-- transaction equal messages are one (Postgres folds them), so that a row written a thousand times is told once.
--
-- NOTIFY alone would cost concurrent writers dear. From its first NOTIFY until its commit is on disk, a transaction holds a lock that
-- every other notifying transaction of the database waits for: no two of them share a flush any more. With 8 clients that took more than
-- 80 % of the updates per second (bench/results/changes.md). So only one transaction at a time may NOTIFY: whoever gets the advisory lock.
-- The others leave their message in edge_pending_changes, and the listeners move it to the channel by edge_flush_changes, which they call
-- all the time. That table has no log, hence costs no flush. A crash of the server empties it, and also ends every listener's connection,
-- upon which they all revalidate everything. (What remains of NOTIFY: a transaction that told something cannot be PREPAREd in two phases.)
--
-- orders and order_items are not watched, on purpose: "popular" and "trending" may be 15 minutes old, and sales are what is written most.

create unlogged table edge_pending_changes (
    -- As long as a message may be (8,000 bytes): anyone may insert, so that anyone may write what is watched.
    subject text not null check (length(subject) <= 63),
    keys    text null     check (octet_length(keys) <= 7000)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
grant insert on edge_pending_changes to public;

-- Moves messages to the channel; true if there were any. Anyone's to call. With nothing to move it writes nothing.
create function edge_flush_changes() returns boolean language plpgsql security definer set search_path from current as $$
declare
    told bigint;
begin
    with taken as (
        delete from edge_pending_changes
        where ctid = any (array(select ctid from edge_pending_changes limit 10000 for update skip locked))
        returning subject, keys
    ), once as (
        select distinct subject, keys from taken
    ), messages as (
        -- More than 250 of a subject are told as all of it.
        select distinct subject, case when count(*) over (partition by subject) <= 250 then keys end as keys from once
    )
    select count(pg_notify('edge_changes', concat_ws(' ', subject, pg_current_xact_id()::text, keys))) into told from messages;
    return told > 0;
end $$;

create function edge_truncated() returns trigger language plpgsql as $$
begin
    perform pg_notify('edge_changes', concat_ws(' ', tg_argv[0], pg_current_xact_id()::text));
    return null;
end $$;

-- Begins to tell what changes in a table.
--   subject  first word of the messages; [a-z_]+
--   key      the column that its messages name rows by: no spaces in it, at most 3,000 bytes
--   shown    the other columns that public answers show: an update that changes none of them tells nothing. What changes most comes first,
--            what is long last: the comparison ends at the first difference
--   visible  condition on `row.…`; rows that it is not true of, before or after, tell nothing. Null: all are public
--   events   which of insert, update, delete
-- The triggers are per row: statement-level ones with transition tables cost a single-row update more, and a bulk update the same.
-- The comparison is in the function: a WHEN clause is prepared anew for each statement, and cost more than the call it saves.
-- `x := f()` in place of `perform f()` spares the executor. ALWAYS: a load under session_replication_role = replica is told too.
create function edge_watch(
    watched regclass, subject text, key name, shown name[], visible text default null, events text default 'insert or update or delete')
returns void language plpgsql as $$
declare
    -- Written into the functions, since the search_path of whoever writes the table may lack it.
    home constant text := quote_ident(current_schema());
    old_shown text;
    new_shown text;
    hidden text := '';
begin
    select string_agg(format('old.%I', name), ', ' order by place), string_agg(format('new.%I', name), ', ' order by place)
    into old_shown, new_shown
    from unnest(shown || key) with ordinality as columns (name, place);
    if visible is not null then
        hidden := format('if (%s or %s) is not true then return null; end if;', replace(visible, 'row.', 'old.'), replace(visible, 'row.', 'new.'));
    end if;

    execute format($function$
        create function %1$s.edge_changed_%2$s() returns trigger language plpgsql as $body$
        declare
            most constant int := 250;
            transaction text;
            told text;
            count int;
            keys text;
        begin
            if tg_op = 'UPDATE' and (%4$s) is not distinct from (%5$s) then return null; end if;
            %6$s
            -- What this transaction has told of the subject: its number, how many messages, the last keys.
            transaction := pg_current_xact_id();
            told := current_setting('edge.%2$s', true);
            count := case when split_part(told, ' ', 1) = transaction then split_part(told, ' ', 2)::int else 0 end;
            if count > most then return null; end if;
            if count < most then
                keys := concat_ws(' ', new.%3$I, nullif(old.%3$I, new.%3$I));
                if told = concat_ws(' ', transaction, count, keys) then return null; end if;
            end if;
            told := set_config('edge.%2$s', concat_ws(' ', transaction, count + 1, keys), true);
            -- 0x65646765_00000002: "edge" in ASCII, then 2. Where nobody flushes, messages do not pile up.
            if pg_try_advisory_xact_lock(7306078178991144962) or pg_relation_size('%1$s.edge_pending_changes') > 64000000 then
                told := pg_notify('edge_changes', concat_ws(' ', '%2$s', transaction, keys));
            else
                insert into %1$s.edge_pending_changes values ('%2$s', keys);
            end if;
            return null;
        end $body$
        $function$, home, subject, key, old_shown, new_shown, hidden);
    execute format('create trigger edge_changed_%1$s after %2$s on %3$s for each row execute function %4$s.edge_changed_%1$s()',
        subject, events, watched, home);
    execute format('create trigger edge_truncated_%1$s after truncate on %2$s for each statement execute function %3$s.edge_truncated(%1$L)',
        subject, watched, home);
    execute format('alter table %1$s enable always trigger edge_changed_%2$s, enable always trigger edge_truncated_%2$s', watched, subject);
end $$;

select edge_watch('products', 'products', 'id', '{price, stock, updated_at, name, category_id, created_at, description}');
select edge_watch('categories', 'categories', 'id', '{slug, name}');
select edge_watch('users', 'users', 'id', '{updated_at, display_name, username, created_at, bio}');
-- What shows authors knows them by name only.
select edge_watch('users', 'authors', 'id', '{username}', events => 'update');
select edge_watch('blogs', 'blogs', 'slug', '{updated_at, status, title, tags, author_id, created_at, published_at, id, content}',
    visible => 'row.status = ''published''');
