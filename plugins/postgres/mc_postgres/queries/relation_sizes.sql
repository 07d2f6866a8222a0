-- The largest relations by their pages in the catalogue, measured; locked ones are named without sizes.
with /* mission-control */ locked as materialized (
  select distinct l.relation from pg_catalog.pg_locks l
  where l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), index_pages as materialized (
  select i.indrelid, sum(c.relpages)::bigint as pages
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid group by 1
), chosen as materialized (
  select c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.reltoastrelid, c.relispartition,
    count(*) over ()::bigint as total
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
  left join index_pages x on x.indrelid = c.oid
  where c.relkind in ('r', 'm', 'p')
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%%'
    and (%(search)s = '' or strpos(lower(n.nspname || '.' || c.relname), lower(%(search)s)) > 0)
  order by c.relpages::bigint + coalesce(t.relpages, 0) + coalesce(x.pages, 0)
    + case when c.relpages = 0 then pg_catalog.pg_stat_get_live_tuples(c.oid) / 50 else 0 end desc, n.nspname, c.relname
  limit %(limit)s
)
select
  h.oid::bigint as oid, h.nspname::text as schema, h.relname::text as name, h.relkind::text as kind,
  l.is_locked, h.total,
  case when s.is_measured then pg_catalog.pg_relation_size(h.oid) end::bigint as heap_bytes,
  case when s.is_measured then pg_catalog.pg_table_size(h.oid) end::bigint as table_bytes,
  case when s.is_measured then pg_catalog.pg_indexes_size(h.oid) end::bigint as index_bytes,
  case when s.is_measured and h.reltoastrelid <> 0
       then pg_catalog.pg_total_relation_size(h.reltoastrelid) else case when s.is_measured then 0 end
  end::bigint as toast_bytes,
  greatest(h.reltuples, -1)::float8 as tuples,
  pg_catalog.pg_stat_get_live_tuples(h.oid)::bigint as live_tuples,
  pg_catalog.pg_stat_get_blocks_fetched(h.oid)::bigint as blocks_fetched,
  pg_catalog.pg_stat_get_blocks_hit(h.oid)::bigint as blocks_hit,
  pg_catalog.pg_stat_get_numscans(h.oid)::bigint as seq_scans,
  coalesce((select sum(pg_catalog.pg_stat_get_numscans(i.indexrelid)) from pg_catalog.pg_index i
            where i.indrelid = h.oid), 0)::bigint as index_scans,
  case when h.relispartition then (
    select pn.nspname || '.' || p.relname from pg_catalog.pg_inherits x
    join pg_catalog.pg_class p on p.oid = x.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
    where x.inhrelid = h.oid limit 1) end as partition_of
from chosen h
cross join lateral (
  select exists (
    select from locked x where x.relation in (h.oid, h.reltoastrelid)
      or x.relation in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid = h.oid)
  ) as is_locked
) l
cross join lateral (select %(with_sizes)s and not l.is_locked as is_measured) s
