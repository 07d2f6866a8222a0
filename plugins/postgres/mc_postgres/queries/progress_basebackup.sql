-- What is under way by pg_stat_progress_basebackup.
select /* mission-control */
  p.pid, pg_catalog.to_jsonb(p) as row, a.backend_type, a.query,
  (extract(epoch from pg_catalog.clock_timestamp() - coalesce(a.query_start, a.xact_start)) * 1000)::bigint
    as elapsed_ms
from pg_catalog.pg_stat_progress_basebackup p
left join pg_catalog.pg_stat_activity a on a.pid = p.pid
