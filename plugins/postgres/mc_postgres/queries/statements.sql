-- Statements of the current database. Columns that this version of the extension lacks come from `missing`: inside the
-- lateral part an unqualified name means the extension's column when there is one, and the null one otherwise.
with /* mission-control */ found as materialized (
  select x.*
  from (
    select
      null::float8 as total_time, null::float8 as min_time, null::float8 as max_time, null::float8 as stddev_time,
      null::float8 as total_exec_time, null::float8 as min_exec_time, null::float8 as max_exec_time,
      null::float8 as stddev_exec_time, null::bigint as plans, null::float8 as total_plan_time,
      null::float8 as blk_read_time, null::float8 as blk_write_time, null::float8 as shared_blk_read_time,
      null::float8 as shared_blk_write_time, null::float8 as local_blk_read_time, null::float8 as local_blk_write_time,
      null::float8 as temp_blk_read_time, null::float8 as temp_blk_write_time, null::bigint as wal_records,
      null::numeric as wal_bytes, null::boolean as toplevel
  ) missing
  cross join lateral (
    select
      s.queryid, s.userid, s.dbid, toplevel, s.query, s.calls, s.rows,
      coalesce(total_exec_time, total_time) as total_ms,
      coalesce(min_exec_time, min_time) as min_ms,
      coalesce(max_exec_time, max_time) as max_ms,
      coalesce(stddev_exec_time, stddev_time) as stddev_ms,
      plans, total_plan_time as plan_ms,
      s.shared_blks_hit, s.shared_blks_read, s.shared_blks_dirtied, s.shared_blks_written,
      s.temp_blks_read, s.temp_blks_written,
      coalesce(blk_read_time, shared_blk_read_time + coalesce(local_blk_read_time, 0))
        + coalesce(temp_blk_read_time, 0) as io_read_ms,
      coalesce(blk_write_time, shared_blk_write_time + coalesce(local_blk_write_time, 0))
        + coalesce(temp_blk_write_time, 0) as io_write_ms,
      wal_records, wal_bytes
    from {schema}.pg_stat_statements(true) s
    where s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
  ) x
), counted as (
  select
    (select count(*) from found f where f.queryid is null)::bigint as hidden,
    (select count(*) from found)::bigint as entries
)
select
  f.queryid::text as query_id, f.userid::bigint as user_id, r.rolname::text as "user",
  f.dbid::bigint as database_id, pg_catalog.current_database()::text as database, f.toplevel,
  left(f.query, %(text_max)s) as query, length(f.query) > %(text_max)s as is_cut,
  f.calls, f.rows, f.total_ms, f.min_ms, f.max_ms, f.stddev_ms, f.plans, f.plan_ms,
  f.shared_blks_hit, f.shared_blks_read, f.shared_blks_dirtied, f.shared_blks_written,
  f.temp_blks_read, f.temp_blks_written, f.io_read_ms, f.io_write_ms, f.wal_records, f.wal_bytes::bigint as wal_bytes,
  sum(f.total_ms) over () as all_total_ms, (sum(f.calls) over ())::bigint as all_calls,
  (sum(f.rows) over ())::bigint as all_rows,
  c.hidden, c.entries
from counted c
left join (
  select f.* from found f left join pg_catalog.pg_roles r on r.oid = f.userid
  where f.queryid is not null
    and (not %(exclude_self)s or f.query not like '%%/* mission-control */%%')
    and (%(search)s = '' or strpos(lower(f.query), lower(%(search)s)) > 0 or f.queryid::text = %(search)s)
    and (%(user)s = '' or strpos(lower(r.rolname), lower(%(user)s)) > 0)
) f on true
left join pg_catalog.pg_roles r on r.oid = f.userid
order by
  case %(sort)s
    when 'mean' then f.total_ms / greatest(f.calls, 1)
    when 'calls' then f.calls
    when 'rows' then f.rows
    when 'io' then coalesce(f.io_read_ms + f.io_write_ms, 0) + (f.shared_blks_read + f.shared_blks_written) / 1e6
    when 'temp' then f.temp_blks_read + f.temp_blks_written
    when 'wal' then f.wal_bytes
    else f.total_ms
  end desc nulls last,
  f.queryid
limit %(limit)s
