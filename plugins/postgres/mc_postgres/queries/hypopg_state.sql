-- Whether hypothetical indexes can be made here, and by functions of which schema.
select /* mission-control */
  (select n.nspname::text from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.extname = 'hypopg') as schema,
  exists (select from pg_catalog.pg_available_extensions v where v.name = 'hypopg') as is_available
