-- Large tables that are mostly read from end to end.
select /* mission-control */
  s.schemaname || '.' || s.relname as "table", s.seq_scan::bigint as seq_scans, s.seq_tup_read::bigint as seq_tuples,
  coalesce(s.idx_scan, 0)::bigint as index_scans, c.reltuples::float8 as tuples,
  c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint as size_bytes
from pg_catalog.pg_stat_user_tables s
join pg_catalog.pg_class c on c.oid = s.relid
where c.reltuples >= %(min_tuples)s and s.seq_scan >= %(min_scans)s
  and s.seq_tup_read / greatest(s.seq_scan, 1) >= c.reltuples * 0.5
  and s.seq_scan > coalesce(s.idx_scan, 0)
order by s.seq_tup_read desc
limit %(limit)s
