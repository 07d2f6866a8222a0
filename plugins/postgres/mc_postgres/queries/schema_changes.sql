-- What changes whenever a table, column, index, constraint, type or function does: the catalogue's own counters, and
-- the server's start and resets, since counters begin anew then.
select /* mission-control */
  coalesce(pg_catalog.string_agg(
    s.relid::text || ':' || (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::text, ',' order by s.relid), '')
  || '/' || pg_catalog.pg_postmaster_start_time()::text
  || '/' || coalesce((select d.stats_reset::text from pg_catalog.pg_stat_database d
                      where d.datname = pg_catalog.current_database()), '')
  || '/' || current_user as mark
from pg_catalog.pg_stat_sys_tables s
where s.schemaname = 'pg_catalog' and s.relname in (
  'pg_class', 'pg_attribute', 'pg_attrdef', 'pg_index', 'pg_constraint', 'pg_type', 'pg_enum', 'pg_proc', 'pg_namespace',
  'pg_description', 'pg_inherits')
