-- When indexes were last used (16 and later).
select /* mission-control */ i.indexrelid::bigint as oid, pg_catalog.pg_stat_get_lastscan(i.indexrelid) as last_scan
from pg_catalog.pg_index i where i.indexrelid = any (%(indexes)s::oid[])
