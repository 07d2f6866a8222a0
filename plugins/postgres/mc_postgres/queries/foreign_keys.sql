-- Foreign keys with the columns that would have to be indexed for the referenced rows to be deleted quickly.
select /* mission-control */
  k.conrelid::bigint as table_oid, tn.nspname || '.' || t.relname as "table", k.conname::text as name,
  pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname) as quoted_table,
  k.conkey::int2[]::int[] as columns,
  array(select pg_catalog.quote_ident(x.attname) from pg_catalog.unnest(k.conkey) with ordinality c(attnum, place)
    join pg_catalog.pg_attribute x on x.attrelid = k.conrelid and x.attnum = c.attnum order by c.place) as column_names,
  fn.nspname || '.' || f.relname as referenced,
  t.relpages::bigint * pg_catalog.current_setting('block_size')::bigint as size_bytes,
  greatest(t.reltuples, 0)::float8 as tuples,
  t.relkind = 'p' as is_partitioned,
  (pg_catalog.pg_stat_get_tuples_deleted(f.oid) + pg_catalog.pg_stat_get_tuples_updated(f.oid))::bigint as parent_changes
from pg_catalog.pg_constraint k
join pg_catalog.pg_class t on t.oid = k.conrelid
join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
join pg_catalog.pg_class f on f.oid = k.confrelid
join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
where k.contype = 'f' and k.conparentid = 0
order by t.relpages desc, k.conname
limit %(limit)s
