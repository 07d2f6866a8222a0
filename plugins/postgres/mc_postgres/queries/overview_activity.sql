-- Transactions that have been open for long, the oldest first.
select /* mission-control */
  a.pid, a.usename::text as "user", a.datname::text as database, a.application_name as application,
  a.state, left(a.query, 300) as query,
  (extract(epoch from t.now - a.xact_start) * 1000)::bigint as xact_age_ms,
  (extract(epoch from t.now - a.state_change) * 1000)::bigint as state_age_ms
from pg_catalog.pg_stat_activity a
cross join lateral (select pg_catalog.clock_timestamp() as now) t
where a.xact_start is not null and a.backend_type = 'client backend'
  and a.application_name <> 'mission-control-postgres'
  and (%(database)s = '' or a.datname = %(database)s)
order by a.xact_start
limit 50
