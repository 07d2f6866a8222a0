-- The definitions of some indexes, except on tables that are locked exclusively.
select /* mission-control */ i.indexrelid::bigint as oid, pg_catalog.pg_get_indexdef(i.indexrelid) as definition
from pg_catalog.pg_index i
where i.indexrelid = any (%(indexes)s::oid[])
  and not exists (
    select from pg_catalog.pg_locks l
    where l.mode = 'AccessExclusiveLock' and l.relation in (i.indrelid, i.indexrelid)
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))
