namespace Edge.Data.Generator.Tests.Sql;

/// <summary>Statements and the names of their columns; <c>?</c> where the generator asks for an alias.</summary>
internal static class ColumnNameCases
{
    public static TheoryData<string, string> All => new()
    {
        { "select relname from pg_class", "relname" },
        { "select c.relname from pg_class c", "relname" },
        { "select pg_class.RelName from pg_class", "relname" },
        { "select 1 as a, 2 as \"B c\", 3 \"D\"\"e\"", "a,B c,D\"e" },
        { "select 1 a, 'x' b, now() c, (1 + 2) d, array[1] e", "a,b,c,d,e" },
        { "select oid::int, relname::text collate \"C\", (oid)::bigint from pg_class", "oid,relname,oid" },
        { "select oid::int n, relname::character varying(5) v, 1::double precision as p from pg_class", "n,v,p" },
        { "select count(*), count(*) filter (where relname = 'x'), pg_catalog.upper('a') from pg_class", "count,count,upper" },
        { "select sum(1) over (order by oid), row_number() over w from pg_class window w as (order by oid)", "sum,row_number" },
        { "select percentile_cont(0.5) within group (order by relpages) from pg_class", "percentile_cont" },
        { "select coalesce(null, 1), greatest(1, 2), nullif(1, 2)", "coalesce,greatest,nullif" },
        { "select case when true then 1 end, case when true then 1 else 2 end", "case,case" },
        { "select case when true then null else relname end from pg_class", "relname" },
        { "select case when true then 1 else case when false then 2 else 3 end end x", "x" },
        { "select exists (select 1), array(select 1), array[1, 2], row(1, 2)", "exists,array,array,row" },
        { "select (select relname from pg_class limit 1), (select 1 as one)", "relname,one" },
        { "select cast(relpages as bigint), cast(now() as date) from pg_class", "relpages,now" },
        { "select current_date, current_user, localtimestamp", "current_date,current_user,localtimestamp" },
        { "select extract(year from now())", "extract" },
        { "select (array[1, 2])[1], reloptions[1] from pg_class", "array,reloptions" },
        { "select distinct relname from pg_class", "relname" },
        { "select distinct on (relname, oid) oid, relname from pg_class order by relname, oid", "oid,relname" },
        { "select all relname from pg_class", "relname" },
        { "select 1 is distinct from 2 as differs, 1 in (1, 2) as inside, not true as never", "differs,inside,never" },
        { "select oid a from pg_class union all select 1 b", "a" },
        { "(select 1 as a) union (select 2 as b)", "a" },
        { "values (1, 'a'), (2, 'b')", "column1,column2" },
        { "select 1 as a /* , 2 as b */ -- , 3 as c", "a" },
        { "select substring('abc' from 2 for 1) as part, position('b' in 'abc')", "part,position" },
        { "select now() at time zone 'utc' as there", "there" },
        { "select date_trunc('day', now())::date as day from pg_class limit 1", "day" },
        { "select relname || '' as a, relpages + 1 b from pg_class", "a,b" },
        { "select 1, 'x', -1, 1 + 2, not true, null, true", "?,?,?,?,?,?,?" },
        { "select now() at time zone 'utc', interval '1 day', trim(' a ')", "?,?,?" },
        { "select 'x'::text, 1::double precision, relname like 'a', relname is null from pg_class", "?,?,?,?" },
    };
}
