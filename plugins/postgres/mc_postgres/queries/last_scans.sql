-- When tables were last read from end to end, and indexes last used (16 and later).
select /* mission-control */ c.oid::bigint as oid, pg_catalog.pg_stat_get_lastscan(c.oid) as last_scan
from pg_catalog.pg_class c where c.oid = any (%(relations)s::oid[])
