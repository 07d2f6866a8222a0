-- The texts of some statements of the current database.
select /* mission-control */ distinct on (s.queryid)
  s.queryid as query_id, left(s.query, %(text_max)s) as query
from {schema}.pg_stat_statements(true) s
where s.queryid = any (%(query_ids)s::bigint[])
  and s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.queryid
