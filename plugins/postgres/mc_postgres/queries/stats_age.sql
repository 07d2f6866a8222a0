-- Since when this database's statistics count (null: never reset), since when the server runs, and who replays its WAL.
select /* mission-control */
  (select d.stats_reset from pg_catalog.pg_stat_database d where d.datname = pg_catalog.current_database())
    as stats_reset,
  pg_catalog.pg_postmaster_start_time() as started_at,
  pg_catalog.pg_is_in_recovery() as in_recovery,
  (select count(*) from pg_catalog.pg_stat_replication r)::int as standbys
