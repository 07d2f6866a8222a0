-- Names of roles.
select /* mission-control */ r.oid::bigint as oid, r.rolname::text as name
from pg_catalog.pg_roles r where r.oid = any (%(roles)s::oid[])
