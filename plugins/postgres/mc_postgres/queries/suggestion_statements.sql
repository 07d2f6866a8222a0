-- The statements of this database that cost most and might be helped by an index, for hypothetical ones.
with /* mission-control */ found as materialized (
  select x.*
  from (select null::float8 as total_time, null::float8 as total_exec_time) missing
  cross join lateral (
    select s.queryid, s.query, s.calls, coalesce(total_exec_time, total_time) as total_ms
    from {schema}.pg_stat_statements(true) s
    where s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
      and s.queryid is not null
  ) x
)
select f.queryid::text as query_id, min(f.query) as query, sum(f.calls)::bigint as calls, sum(f.total_ms) as total_ms
from found f
where f.query ~* '\mwhere\M|\mon\M' and f.query not like '%%/* mission-control */%%' and f.query !~* '^\s*(create|copy)\M'
group by f.queryid
order by 4 desc
limit %(limit)s
