-- The server as a whole, and who we are on it.
select /* mission-control */
  pg_catalog.inet_server_addr()::text as server_name,
  pg_catalog.inet_server_port() as tcp_port,
  pg_catalog.current_setting('port')::int as configured_port,
  pg_catalog.current_database() as database_name,
  pg_catalog.version() as product_version,
  pg_catalog.current_setting('server_version_num')::int as server_version_num,
  pg_catalog.current_setting('max_connections')::int as max_connections,
  pg_catalog.pg_postmaster_start_time() as started_at,
  greatest(0, extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_postmaster_start_time()))::bigint
    as uptime_seconds,
  pg_catalog.pg_is_in_recovery() as in_recovery,
  current_user::text as "user",
  coalesce((select s.reset_val from pg_catalog.pg_settings s where s.name = 'TimeZone'), 'UTC') as timezone,
  pg_catalog.current_setting('data_checksums') = 'on' as data_checksums,
  (select count(*) from pg_catalog.pg_settings s where s.pending_restart)::int as pending_restart
