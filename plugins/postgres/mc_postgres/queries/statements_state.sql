-- Whether pg_stat_statements is here, where, how old, and whether its library was loaded (null: hidden from us).
select /* mission-control */
  e.extversion as version,
  n.nspname::text as schema,
  v.default_version,
  (select s.setting from pg_catalog.pg_settings s where s.name = 'shared_preload_libraries') as preloaded,
  (select s.setting::int from pg_catalog.pg_settings s where s.name = 'pg_stat_statements.max') as max_entries,
  pg_catalog.current_setting('track_io_timing') = 'on' as track_io_timing,
  (select d.oid::bigint from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()) as database_id
from (select 1) one
left join pg_catalog.pg_extension e on e.extname = 'pg_stat_statements'
left join pg_catalog.pg_namespace n on n.oid = e.extnamespace
left join pg_catalog.pg_available_extensions v on v.name = 'pg_stat_statements'
