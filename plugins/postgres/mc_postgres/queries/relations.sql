-- Tables, views and the like outside the system's schemas, in byte order of schema and name.
select /* mission-control */
  c.oid::bigint as oid,
  n.nspname::text as schema,
  c.relname::text as name,
  c.relkind::text as kind,
  count(*) over ()::bigint as total,
  pg_catalog.obj_description(c.oid, 'pg_class') as comment,
  c.reltuples::float8 as tuples,
  c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint as size_bytes,
  case when c.relispartition then (
    select pn.nspname || '.' || p.relname from pg_catalog.pg_inherits x
    join pg_catalog.pg_class p on p.oid = x.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    where x.inhrelid = c.oid limit 1) end as partition_of
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg\_toast%%'
  and (%(search)s = '' or strpos(lower(n.nspname || '.' || c.relname), lower(%(search)s)) > 0)
order by n.nspname collate "C", c.relname collate "C"
limit %(limit)s
