-- Whether finished WAL segments are archived.
select /* mission-control */
  pg_catalog.current_setting('archive_mode') as mode, a.archived_count::bigint as archived_count,
  a.last_archived_wal as last_archived, a.last_archived_time as last_archived_at,
  a.failed_count::bigint as failed_count, a.last_failed_wal as last_failed, a.last_failed_time as last_failed_at,
  a.failed_count > 0 and a.last_failed_time > coalesce(a.last_archived_time, '-infinity') as is_failing,
  pg_catalog.current_setting('wal_level') as wal_level,
  pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size'))::bigint as segment_size_bytes
from pg_catalog.pg_stat_archiver a
