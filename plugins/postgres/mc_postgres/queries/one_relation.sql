-- A relation by its name, without locking it: for `schema.name` as the lists spell it.
select /* mission-control */
  c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
  (select en.nspname::text from pg_catalog.pg_extension e join pg_catalog.pg_namespace en on en.oid = e.extnamespace
   where e.extname = 'pgstattuple') as extension_schema,
  exists (select from pg_catalog.pg_locks l where l.relation = c.oid and l.mode = 'AccessExclusiveLock'
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))
    as is_locked
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname || '.' || c.relname = %(name)s and c.relkind in ('r', 'm', 'i', 't')
