-- Counters of the current database since its statistics were last reset.
select /* mission-control */
  pg_catalog.pg_database_size(d.datid)::bigint as size_bytes,
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
  d.conflicts
from pg_catalog.pg_stat_database d
where d.datname = pg_catalog.current_database()
