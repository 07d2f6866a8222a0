-- All backends by state; background processes count in `total` and `waiting`, as they always have. Our own connections
-- are clients like others, and so is whoever hides what kind of process it is.
select /* mission-control */
  count(*)::int as total,
  count(*) filter (where a.state = 'active')::int as active,
  count(*) filter (where a.state = 'idle')::int as idle,
  count(*) filter (where a.wait_event_type is not null)::int as waiting,
  count(*) filter (where a.backend_type = 'client backend' or (a.backend_type is null and a.datid is not null))::int
    as client_total,
  count(*) filter (where a.state = 'idle in transaction')::int as idle_in_transaction,
  count(*) filter (where a.state = 'idle in transaction (aborted)')::int as idle_in_transaction_aborted,
  count(*) filter (where a.wait_event_type = 'Lock')::int as waiting_on_lock,
  (pg_catalog.current_setting('superuser_reserved_connections')::int
    + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0)) as reserved
from pg_catalog.pg_stat_activity a
