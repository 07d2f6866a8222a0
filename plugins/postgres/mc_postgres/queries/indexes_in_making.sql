-- Indexes (or, where that is hidden, tables) on which somebody is building right now: not invalid, just not ready.
select /* mission-control */ distinct x.relation::bigint as relation
from (
  select p.index_relid as relation from pg_catalog.pg_stat_progress_create_index p
  where p.datname = pg_catalog.current_database() and p.index_relid is not null
  union all
  select l.relation from pg_catalog.pg_locks l
  join pg_catalog.pg_stat_activity a on a.pid = l.pid
  where l.mode in ('ShareUpdateExclusiveLock', 'ShareLock') and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    and (a.query ~* 'index' or a.query = '<insufficient privilege>')
) x
where x.relation is not null
