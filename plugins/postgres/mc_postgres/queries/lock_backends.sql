-- The sessions that take part in waiting.
with /* mission-control */ me as materialized (
  select r.oid, r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user
)
select
  a.pid, a.usename::text as "user", a.datname::text as database, a.application_name, a.client_addr::text as client_addr,
  a.state, a.backend_type, a.backend_start, a.wait_event_type, a.wait_event, a.query,
  (extract(epoch from t.now - a.xact_start) * 1000)::bigint as xact_age_ms,
  (extract(epoch from t.now - a.query_start) * 1000)::bigint as query_age_ms,
  (extract(epoch from t.now - a.state_change) * 1000)::bigint as state_age_ms,
  a.query is distinct from '<insufficient privilege>' as visible,
  (pg_catalog.to_jsonb(a) ->> 'leader_pid')::int as leader_pid,
  a.application_name = 'mission-control-postgres' as is_own,
  (a.datid is not null or a.backend_type = 'walsender')
    and (me.rolsuper
         or (r.rolsuper is false
             and (pg_catalog.pg_has_role(a.usesysid, 'USAGE') or pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')))
         is true) as can_signal,
  t.now as now
from pg_catalog.pg_stat_activity a
cross join me
cross join lateral (select pg_catalog.clock_timestamp() as now) t
left join pg_catalog.pg_roles r on r.oid = a.usesysid
where a.pid = any (%(pids)s::int[])
