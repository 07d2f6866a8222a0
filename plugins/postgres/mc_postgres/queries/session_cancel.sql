-- Signal the backend, if it still is the one that was looked at.
select /* mission-control */ pg_catalog.pg_cancel_backend(a.pid) as is_sent
from pg_catalog.pg_stat_activity a
where a.pid = %(pid)s and a.backend_start is not distinct from %(backend_start)s::timestamptz
