-- Every lock but our own, with its holder's session. pg_blocking_pids is called once per waiting pid.
with /* mission-control */ locks as materialized (
  select l.*, pg_catalog.to_jsonb(l) ->> 'waitstart' as waited_since from pg_catalog.pg_locks l
  where l.pid is distinct from pg_catalog.pg_backend_pid()
), waiting as materialized (
  select w.pid, pg_catalog.pg_blocking_pids(w.pid) as blockers
  from (select distinct l.pid from locks l where not l.granted and l.pid is not null) w
), involved as materialized (
  select w.pid from waiting w
  union
  select b from waiting w, pg_catalog.unnest(w.blockers) b where b > 0
)
select
  l.pid,
  coalesce(a.datname, p.database, d.datname)::text as database,
  coalesce(a.usename, p.owner)::text as "user",
  a.state,
  l.locktype::text as lock_type,
  l.mode,
  l.granted,
  case when l.relation is null then null
       when l.database in (0, m.oid) then l.relation::pg_catalog.regclass::text
       else coalesce(d.datname, l.database::text) || '/' || l.relation::text end as relation,
  l.page, l.tuple::int as tuple_number,
  w.blockers as blocked_by,
  a.wait_event_type || ':' || a.wait_event as wait_event,
  a.query,
  (extract(epoch from t.now - coalesce(a.query_start, a.state_change, p.prepared)) * 1000)::bigint as age_ms,
  case when not l.granted
       then (extract(epoch from t.now - coalesce(l.waited_since::timestamptz, a.state_change)) * 1000)::bigint
  end as wait_ms,
  p.gid as prepared_gid,
  l.pid in (select i.pid from involved i) and w.pid is null as is_root
from locks l
cross join (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) m
cross join lateral (select pg_catalog.clock_timestamp() as now) t
left join waiting w on w.pid = l.pid
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
left join pg_catalog.pg_database d on d.oid = l.database and l.database <> 0
left join lateral (
  select x.gid, x.owner, x.database, x.prepared from locks h
  join pg_catalog.pg_prepared_xacts x on x.transaction = h.transactionid
  where l.pid is null and h.pid is null and h.locktype = 'transactionid'
    and h.virtualtransaction = l.virtualtransaction
  limit 1
) p on true
where (%(database)s = '' or coalesce(a.datname, p.database, d.datname) = %(database)s)
  and (not %(only_blocked)s or l.pid in (select i.pid from involved i)
       or (p.gid is not null and exists (select from waiting x where 0 = any (x.blockers))))
order by l.granted, age_ms desc nulls last, l.pid
limit %(limit)s
