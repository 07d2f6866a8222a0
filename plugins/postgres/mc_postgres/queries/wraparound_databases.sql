-- How old the oldest unfrozen transaction of each database is, against autovacuum's limit and the hard one.
select /* mission-control */
  d.datname::text as name,
  pg_catalog.age(d.datfrozenxid)::bigint as xid_age,
  pg_catalog.mxid_age(d.datminmxid)::bigint as mxid_age,
  pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint as freeze_max_age,
  pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::bigint as mxid_freeze_max_age,
  d.datname = pg_catalog.current_database() as is_connected
from pg_catalog.pg_database d
where %(database)s = '' or d.datname = %(database)s
order by 2 desc, 1
