-- What a signal to one backend needs to know about it.
select /* mission-control */
  a.pid,
  a.datname::text as database,
  a.backend_start,
  a.backend_type,
  a.state,
  a.query_start,
  a.query is distinct from '<insufficient privilege>' as visible,
  a.pid = pg_catalog.pg_backend_pid() or a.application_name = 'mission-control-postgres' as is_own,
  (select m.rolsuper from pg_catalog.pg_roles m where m.rolname = current_user)
    or (r.rolsuper is false
        and (pg_catalog.pg_has_role(a.usesysid, 'USAGE') or pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')))
    is true as can_signal
from pg_catalog.pg_stat_activity a
left join pg_catalog.pg_roles r on r.oid = a.usesysid
where a.pid = %(pid)s
