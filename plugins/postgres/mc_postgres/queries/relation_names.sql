-- Names of relations of this database.
select /* mission-control */ c.oid::bigint as oid,
  case when n.nspname in ('pg_catalog', 'public') then pg_catalog.quote_ident(c.relname)
       else pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) end as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = any (%(relations)s::oid[])
