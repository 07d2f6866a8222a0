-- WAL segments that wait to be archived (pg_monitor).
select /* mission-control */ count(*)::int as ready_count
from pg_catalog.pg_ls_archive_statusdir() a where a.name like '%%.ready'
