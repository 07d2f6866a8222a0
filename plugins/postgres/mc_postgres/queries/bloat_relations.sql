-- The largest tables and B-tree indexes by the catalogue's counts, with what an estimate of their ideal size needs.
-- Nothing is measured, so that nothing waits for a lock. A table without pages in the catalogue was never analysed.
select /* mission-control */
  c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
  c.relpages::bigint as pages, c.reltuples::float8 as tuples,
  pg_catalog.current_setting('block_size')::int as block_bytes,
  case when c.relpages = 0 then pg_catalog.pg_stat_get_live_tuples(c.oid) else 0 end::bigint as uncounted_tuples,
  coalesce((select o.option_value::int from pg_catalog.pg_options_to_table(c.reloptions) o
            where o.option_name = 'fillfactor'), case c.relkind when 'i' then 90 else 100 end) as fill_factor,
  c.relnatts::int as columns,
  i.indisunique as is_unique,
  case when i.indexrelid is not null then tn.nspname || '.' || t.relname end as "table"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_index i on i.indexrelid = c.oid
left join pg_catalog.pg_class t on t.oid = i.indrelid
left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
left join pg_catalog.pg_am a on a.oid = c.relam
where (c.relkind in ('r', 'm') or (c.relkind = 'i' and a.amname = 'btree' and i.indisvalid))
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%%'
  and n.nspname not like 'pg\_temp%%'
  and c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint >= %(min_bytes)s
order by c.relpages + case when c.relpages = 0 then pg_catalog.pg_stat_get_live_tuples(c.oid) / 50 else 0 end desc, c.oid
limit %(limit)s
