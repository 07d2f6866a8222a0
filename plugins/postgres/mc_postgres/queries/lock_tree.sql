-- One snapshot of who waits for what: every lock of a waiter or of somebody who blocks one, its holder beside it.
-- pg_blocking_pids locks the whole lock table, so it is called once per waiting pid and nowhere else.
with /* mission-control */ locks as materialized (
  select l.*, pg_catalog.to_jsonb(l) ->> 'waitstart' as waited_since from pg_catalog.pg_locks l
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
  w.blockers,
  l.granted,
  l.locktype::text as lock_type,
  l.mode,
  d.datname::text as database,
  case
    when l.relation is null then null
    when l.database in (0, m.oid) then coalesce(
      case when n.nspname in ('pg_catalog', 'public') then pg_catalog.quote_ident(c.relname)
           else pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) end,
      l.relation::text)
    else coalesce(d.datname, l.database::text) || '/' || l.relation::text
  end as relation,
  l.relation::bigint as relation_oid,
  l.page, l.tuple::int as tuple_number,
  l.transactionid::text as transaction_id,
  l.virtualxid as virtual_xid,
  l.virtualtransaction as virtual_transaction,
  l.classid::bigint as class_id, l.objid::bigint as object_id, l.objsubid::int as object_sub_id,
  l.database::bigint as database_oid,
  l.waited_since::timestamptz as waited_since
from locks l
cross join (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) m
left join waiting w on w.pid = l.pid
left join pg_catalog.pg_database d on d.oid = l.database and l.database <> 0
left join pg_catalog.pg_class c on c.oid = l.relation and l.database in (0, m.oid)
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where l.pid in (select i.pid from involved i)
   or (l.pid is null and exists (select from waiting x where 0 = any (x.blockers)))
