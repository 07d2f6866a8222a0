-- The tables of this database that were frozen longest ago, the toast tables among them. Whose toast a table is, is
-- looked up for all chosen ones at once: there is no index for it.
with /* mission-control */ chosen as materialized (
  select c.oid, c.relnamespace, c.relname, c.relkind, c.relpages,
    pg_catalog.age(c.relfrozenxid)::bigint as xid_age, pg_catalog.mxid_age(c.relminmxid)::bigint as mxid_age
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'm', 't') and c.relfrozenxid <> '0'
  order by pg_catalog.age(c.relfrozenxid) desc, c.relpages desc
  limit %(limit)s
), owners as materialized (
  select o.reltoastrelid as toast, n.nspname || '.' || o.relname as name
  from pg_catalog.pg_class o
  join pg_catalog.pg_namespace n on n.oid = o.relnamespace
  where o.reltoastrelid = any (array(select h.oid from chosen h where h.relkind = 't'))
)
select
  n.nspname::text as schema, h.relname::text as name, o.name as toast_of, h.xid_age, h.mxid_age,
  h.relpages::bigint * pg_catalog.current_setting('block_size')::bigint as size_bytes
from chosen h
join pg_catalog.pg_namespace n on n.oid = h.relnamespace
left join owners o on o.toast = h.oid
order by h.xid_age desc, h.relpages desc
