-- Settings of roles and databases.
select /* mission-control */ r.rolname::text as role, d.datname::text as database, s.setconfig as settings
from pg_catalog.pg_db_role_setting s
left join pg_catalog.pg_roles r on r.oid = s.setrole
left join pg_catalog.pg_database d on d.oid = s.setdatabase
order by 2 nulls first, 1 nulls first
