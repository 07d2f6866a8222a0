-- What every client is doing or waiting for at this moment.
select /* mission-control */
  a.pid, a.state, a.wait_event_type as type, a.wait_event as event, left(a.query, 500) as query,
  pg_catalog.to_jsonb(a) ->> 'query_id' as query_id,
  a.query is distinct from '<insufficient privilege>' as visible
from pg_catalog.pg_stat_activity a
where a.pid <> pg_catalog.pg_backend_pid() and (a.backend_type in ('client backend', 'parallel worker') or (a.backend_type is null and a.datid is not null))
  and a.application_name <> 'mission-control-postgres'
  and (%(database)s = '' or a.datname = %(database)s)
