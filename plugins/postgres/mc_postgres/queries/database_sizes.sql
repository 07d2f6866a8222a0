-- Sizes of databases: every file is looked at, so the answer is kept. It needs CONNECT or pg_read_all_stats.
select /* mission-control */
  d.datname::text as name,
  case when pg_catalog.has_database_privilege(d.oid, 'CONNECT')
         or pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
       then pg_catalog.pg_database_size(d.oid) end::bigint as size_bytes
from pg_catalog.pg_database d
where %(database)s = '' or d.datname = %(database)s
