-- Indexes of the given relations, without the text of those on relations that are locked exclusively.
with /* mission-control */ locked as materialized (
  select distinct l.relation from pg_catalog.pg_locks l
  where l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select
  i.indrelid::bigint as relation,
  c.relname::text as name,
  case when l.relation is null and %(with_texts)s then pg_catalog.pg_get_indexdef(i.indexrelid) end as definition
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
left join locked l on l.relation in (i.indrelid, i.indexrelid)
where i.indrelid = any (%(relations)s::oid[])
order by i.indrelid, c.relname collate "C"
