-- Constraints of the given relations (18 lists NOT NULL among them, which the columns say already).
with /* mission-control */ locked as materialized (
  select distinct l.relation from pg_catalog.pg_locks l
  where l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select
  k.conrelid::bigint as relation,
  k.conname::text as name,
  k.contype::text as type,
  case when l.relation is null and %(with_texts)s then pg_catalog.pg_get_constraintdef(k.oid) end as definition
from pg_catalog.pg_constraint k
left join locked l on l.relation = k.conrelid
where k.conrelid = any (%(relations)s::oid[]) and k.contype <> 'n'
order by k.conrelid, k.conname collate "C"
