-- Counters of the current database since its statistics were last reset; older versions lack some of them.
select /* mission-control */
  d.xact_commit as transactions,
  d.xact_rollback as rollbacks,
  d.deadlocks,
  d.temp_bytes,
  case when d.blks_hit + d.blks_read = 0 then 0
       else d.blks_hit * 100.0::float8 / (d.blks_hit + d.blks_read) end::float8 as cache_hit_percent,
  d.tup_returned as tuples_returned,
  d.tup_fetched as tuples_fetched,
  d.tup_inserted as tuples_inserted,
  d.tup_updated as tuples_updated,
  d.tup_deleted as tuples_deleted,
  d.conflicts,
  d.stats_reset,
  d.temp_files,
  d.blks_read as blocks_read,
  d.blks_hit as blocks_hit,
  (pg_catalog.to_jsonb(d) ->> 'checksum_failures')::bigint as checksum_failures,
  (pg_catalog.to_jsonb(d) ->> 'sessions_abandoned')::bigint as sessions_abandoned
from pg_catalog.pg_stat_database d
where d.datname = pg_catalog.current_database()
