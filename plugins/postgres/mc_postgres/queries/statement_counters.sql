-- The counters of every visible statement of the current database, without texts, for a snapshot: one array per
-- counter. What this version of the extension lacks comes from `missing` (see statements.sql).
with /* mission-control */ found as materialized (
select x.*
from (
  select
    null::float8 as total_time, null::float8 as total_exec_time, null::bigint as plans, null::float8 as total_plan_time,
    null::float8 as blk_read_time, null::float8 as blk_write_time, null::float8 as shared_blk_read_time,
    null::float8 as shared_blk_write_time, null::float8 as local_blk_read_time, null::float8 as local_blk_write_time,
    null::float8 as temp_blk_read_time, null::float8 as temp_blk_write_time, null::bigint as wal_records,
    null::numeric as wal_bytes, null::boolean as toplevel
) missing
cross join lateral (
  select
    s.queryid as query_id, s.userid::bigint as user_id, coalesce(toplevel, true) as toplevel,
    s.calls::float8 as calls, coalesce(total_exec_time, total_time) as total_ms, s.rows::float8 as rows,
    coalesce(plans, 0)::float8 as plans, coalesce(total_plan_time, 0) as plan_ms,
    s.shared_blks_hit::float8 as shared_hit, s.shared_blks_read::float8 as shared_read,
    s.shared_blks_dirtied::float8 as shared_dirtied, s.shared_blks_written::float8 as shared_written,
    s.temp_blks_read::float8 as temp_read, s.temp_blks_written::float8 as temp_written,
    coalesce(blk_read_time, shared_blk_read_time + coalesce(local_blk_read_time, 0), 0)
      + coalesce(temp_blk_read_time, 0) as io_read_ms,
    coalesce(blk_write_time, shared_blk_write_time + coalesce(local_blk_write_time, 0), 0)
      + coalesce(temp_blk_write_time, 0) as io_write_ms,
    coalesce(wal_records, 0)::float8 as wal_records, coalesce(wal_bytes, 0)::float8 as wal_bytes
  from {schema}.pg_stat_statements(false) s
  where s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
) x
), visible as (
  select f.* from found f where f.query_id is not null order by f.total_ms desc limit %(limit)s
)
select
  (select count(*) from found f where f.query_id is null)::int as hidden,
  coalesce(pg_catalog.array_agg(v.query_id), '{}') as query_id,
  coalesce(pg_catalog.array_agg(v.user_id), '{}') as user_id,
  coalesce(pg_catalog.array_agg(v.toplevel), '{}') as toplevel,
  coalesce(pg_catalog.array_agg(v.calls), '{}') as calls,
  coalesce(pg_catalog.array_agg(v.total_ms), '{}') as total_ms,
  coalesce(pg_catalog.array_agg(v.rows), '{}') as rows,
  coalesce(pg_catalog.array_agg(v.plans), '{}') as plans,
  coalesce(pg_catalog.array_agg(v.plan_ms), '{}') as plan_ms,
  coalesce(pg_catalog.array_agg(v.shared_hit), '{}') as shared_hit,
  coalesce(pg_catalog.array_agg(v.shared_read), '{}') as shared_read,
  coalesce(pg_catalog.array_agg(v.shared_dirtied), '{}') as shared_dirtied,
  coalesce(pg_catalog.array_agg(v.shared_written), '{}') as shared_written,
  coalesce(pg_catalog.array_agg(v.temp_read), '{}') as temp_read,
  coalesce(pg_catalog.array_agg(v.temp_written), '{}') as temp_written,
  coalesce(pg_catalog.array_agg(v.io_read_ms), '{}') as io_read_ms,
  coalesce(pg_catalog.array_agg(v.io_write_ms), '{}') as io_write_ms,
  coalesce(pg_catalog.array_agg(v.wal_records), '{}') as wal_records,
  coalesce(pg_catalog.array_agg(v.wal_bytes), '{}') as wal_bytes
from visible v
