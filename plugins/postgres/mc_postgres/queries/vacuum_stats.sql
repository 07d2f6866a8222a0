-- Tables with most dead rows, with what autovacuum waits for. Sizes are measured for the chosen tables alone, and not
-- for those that are locked exclusively (or about to be): measuring would queue behind that lock.
with /* mission-control */ locked as materialized (
  select distinct l.relation from pg_catalog.pg_locks l
  where l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
), chosen as materialized (
  select s.*, c.reltuples, c.relpages, c.reloptions, c.relfrozenxid, c.relminmxid, c.reltoastrelid
  from pg_catalog.pg_stat_user_tables s
  join pg_catalog.pg_class c on c.oid = s.relid
  order by s.n_dead_tup desc, c.relpages desc, s.schemaname, s.relname
  limit %(limit)s
), options as (
  select h.relid, o.option_name, o.option_value
  from chosen h cross join lateral pg_catalog.pg_options_to_table(h.reloptions) o
)
select
  h.schemaname::text as schema, h.relname::text as "table",
  l.is_locked,
  case when %(with_sizes)s and not l.is_locked then pg_catalog.pg_total_relation_size(h.relid) end::bigint as size_bytes,
  h.n_live_tup::bigint as live_tuples, h.n_dead_tup::bigint as dead_tuples,
  h.last_vacuum, h.last_autovacuum, h.last_analyze, h.last_autoanalyze,
  h.vacuum_count::bigint as vacuum_count, h.autovacuum_count::bigint as autovacuum_count,
  h.analyze_count::bigint as analyze_count, h.autoanalyze_count::bigint as autoanalyze_count,
  h.n_mod_since_analyze::bigint as mods_since_analyze,
  (pg_catalog.to_jsonb(h) ->> 'n_ins_since_vacuum')::bigint as ins_since_vacuum,
  greatest(h.reltuples, 0)::float8 as tuples,
  pg_catalog.age(h.relfrozenxid)::bigint as xid_age,
  pg_catalog.mxid_age(h.relminmxid)::bigint as mxid_age,
  h.reloptions,
  coalesce((select o.option_value from options o where o.relid = h.relid and o.option_name = 'autovacuum_enabled'),
    'true')::boolean and pg_catalog.current_setting('autovacuum')::boolean as autovacuum_enabled,
  coalesce((select o.option_value from options o
    where o.relid = h.relid and o.option_name = 'autovacuum_vacuum_threshold'),
    pg_catalog.current_setting('autovacuum_vacuum_threshold'))::float8 as vacuum_threshold,
  coalesce((select o.option_value from options o
    where o.relid = h.relid and o.option_name = 'autovacuum_vacuum_scale_factor'),
    pg_catalog.current_setting('autovacuum_vacuum_scale_factor'))::float8 as vacuum_scale,
  coalesce((select o.option_value from options o
    where o.relid = h.relid and o.option_name = 'autovacuum_vacuum_max_threshold'),
    pg_catalog.current_setting('autovacuum_vacuum_max_threshold', true))::float8 as vacuum_max,
  coalesce((select o.option_value from options o
    where o.relid = h.relid and o.option_name = 'autovacuum_vacuum_insert_threshold'),
    pg_catalog.current_setting('autovacuum_vacuum_insert_threshold', true))::float8 as insert_threshold,
  coalesce((select o.option_value from options o
    where o.relid = h.relid and o.option_name = 'autovacuum_vacuum_insert_scale_factor'),
    pg_catalog.current_setting('autovacuum_vacuum_insert_scale_factor', true))::float8 as insert_scale
from chosen h
cross join lateral (
  select exists (
    select from locked x where x.relation in (h.relid, h.reltoastrelid)
      or x.relation in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid = h.relid)
  ) as is_locked
) l
