-- Small facts about the server that findings are made of.
select /* mission-control */
  pg_catalog.current_setting('track_io_timing') = 'on' as track_io_timing,
  array(select s.name::text from pg_catalog.pg_settings s where s.pending_restart order by 1) as pending_restart,
  (select e.extname is not null from pg_catalog.pg_extension e where e.extname = 'pg_stat_statements') as has_statements,
  pg_catalog.current_setting('max_connections')::int as max_connections,
  pg_catalog.pg_is_in_recovery() as in_recovery
