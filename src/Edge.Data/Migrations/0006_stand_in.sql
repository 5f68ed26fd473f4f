-- Stands in for the migration of another branch until the merge; not committed.
select 1;
