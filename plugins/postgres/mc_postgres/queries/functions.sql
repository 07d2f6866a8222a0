-- Every function with one of the given names: where it lives, whether it has effects, who brought it, and whether the
-- current search path leads to it. The operators are qualified: that path is the user's.
select /* mission-control */
  n.nspname as schema,
  p.proname as name,
  p.provolatile::pg_catalog.text as volatility,
  l.lanname as language,
  coalesce(e.extname, '') as extension,
  n.nspname operator(pg_catalog.=) any (pg_catalog.current_schemas(true)) as is_in_path
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) p.pronamespace
join pg_catalog.pg_language l on l.oid operator(pg_catalog.=) p.prolang
left join pg_catalog.pg_depend d
  on d.classid operator(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
  and d.objid operator(pg_catalog.=) p.oid
  and d.deptype operator(pg_catalog.=) 'e'::pg_catalog."char"
left join pg_catalog.pg_extension e on e.oid operator(pg_catalog.=) d.refobjid
where p.proname operator(pg_catalog.=) any (%s::pg_catalog.name[])
