-- Functions of the user's schemas, those of extensions left out.
select /* mission-control */
  n.nspname::text as schema, p.proname::text as name,
  pg_catalog.pg_get_function_identity_arguments(p.oid) as args,
  pg_catalog.format_type(p.prorettype, null) as result
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_temp%%'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e')
order by 1, 2, 3
limit %(limit)s
