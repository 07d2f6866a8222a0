-- Columns of the given relations. The text of a default is left out where a relation is locked exclusively, or waits
-- to be: rendering it would queue behind that lock.
with /* mission-control */ locked as materialized (
  select distinct l.relation from pg_catalog.pg_locks l
  where l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select
  a.attrelid::bigint as relation,
  a.attname::text as name,
  coalesce(b.typname, t.typname)::text as data_type,
  pg_catalog.format_type(a.atttypid, a.atttypmod) as full_type,
  not (a.attnotnull or t.typnotnull) as nullable,
  a.attnum::int as ordinal,
  case when d.oid is not null and a.attgenerated = '' and l.relation is null and %(with_texts)s
       then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end as default_sql
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_type b on t.typtype = 'd' and b.oid = t.typbasetype
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join locked l on l.relation = a.attrelid
where a.attrelid = any (%(relations)s::oid[]) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
