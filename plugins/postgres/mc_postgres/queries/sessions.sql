-- Every backend but our own, with what it waits for and who blocks it. Columns that older servers lack (leader_pid
-- before 13, query_id before 14) are read through to_jsonb, so that one text serves all versions.
with /* mission-control */ me as materialized (
  select r.oid, r.rolsuper
  from pg_catalog.pg_roles r
  where r.rolname = current_user
), waiting as materialized (
  select distinct l.pid from pg_catalog.pg_locks l where not l.granted
)
select
  a.pid,
  a.usename::text as "user",
  a.datname::text as database,
  a.application_name,
  a.client_addr::text as client_addr,
  a.state,
  a.wait_event_type,
  a.wait_event,
  a.query_start,
  a.state_change,
  a.xact_start,
  a.backend_start,
  a.backend_type,
  (extract(epoch from t.now - coalesce(a.query_start, a.state_change)) * 1000)::bigint as duration_ms,
  (extract(epoch from t.now - a.xact_start) * 1000)::bigint as xact_age_ms,
  (extract(epoch from t.now - a.state_change) * 1000)::bigint as state_age_ms,
  (j.row ->> 'leader_pid')::int as leader_pid,
  j.row ->> 'query_id' as query_id,
  a.query,
  a.query is distinct from '<insufficient privilege>' as visible,
  case when w.pid is not null then pg_catalog.pg_blocking_pids(a.pid) end as blocked_by,
  coalesce(s.ssl, false) as ssl,
  coalesce(g.gss_authenticated, false) as gssapi,
  a.backend_xmin::text as backend_xmin,
  pg_catalog.age(a.backend_xmin)::bigint as xmin_age,
  (a.datid is not null or a.backend_type = 'walsender')
    and (me.rolsuper
         or (r.rolsuper is false
             and (pg_catalog.pg_has_role(a.usesysid, 'USAGE') or pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')))
         is true) as can_signal,
  -- Our own connections show only while they run a statement of the console's user.
  a.application_name = 'mission-control-postgres'
    and (a.state is distinct from 'active'
         or a.query like '%%/* mission-control */%%'
         or a.query ~* '^\s*(begin|savepoint|release|rollback|commit|set|reset|close|discard|unlisten)\M') as is_own
from pg_catalog.pg_stat_activity a
cross join me
cross join lateral (select pg_catalog.clock_timestamp() as now) t
cross join lateral (
  select pg_catalog.to_jsonb(x) as row
  from (select a.*) x
) j
left join waiting w on w.pid = a.pid
left join pg_catalog.pg_roles r on r.oid = a.usesysid
left join pg_catalog.pg_stat_ssl s on s.pid = a.pid
left join pg_catalog.pg_stat_gssapi g on g.pid = a.pid
where a.pid <> pg_catalog.pg_backend_pid()
