-- All backends by state; background processes count in `total` and `waiting`, as they always have.
select /* mission-control */
  count(*)::int as total,
  count(*) filter (where a.state = 'active')::int as active,
  count(*) filter (where a.state = 'idle')::int as idle,
  count(*) filter (where a.wait_event_type is not null)::int as waiting,
  count(*) filter (where a.backend_type = 'client backend')::int as client_total
from pg_catalog.pg_stat_activity a
