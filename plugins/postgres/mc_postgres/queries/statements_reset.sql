-- Forget all statements of the current database.
select /* mission-control */ {schema}.pg_stat_statements_reset(
  0, (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()), 0) is null as is_done
