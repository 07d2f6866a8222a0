-- Who holds back the horizon behind which dead rows can be removed, the oldest first.
select /* mission-control */ * from (
  select
    'backend' as kind, a.pid, null::text as name, a.datname::text as database, a.usename::text as "user",
    greatest(pg_catalog.age(a.backend_xmin), pg_catalog.age(a.backend_xid))::bigint as xmin_age,
    (extract(epoch from pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint as age_ms,
    a.state, a.query
  from pg_catalog.pg_stat_activity a
  where (a.backend_xmin is not null or a.backend_xid is not null)
    and a.pid <> pg_catalog.pg_backend_pid() and a.backend_type <> 'walsender'
    and a.application_name <> 'mission-control-postgres'
  union all
  select
    'slot', s.active_pid, s.slot_name::text, s.database::text, null,
    greatest(pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin))::bigint, null,
    case when s.active then 'active' else 'inactive' end, null
  from pg_catalog.pg_replication_slots s
  where s.xmin is not null or s.catalog_xmin is not null
  union all
  select
    'standby', r.pid, r.application_name, null, r.usename::text, pg_catalog.age(r.backend_xmin)::bigint, null, r.state,
    null
  from pg_catalog.pg_stat_replication r
  where r.backend_xmin is not null
  union all
  select
    'prepared', null, p.gid, p.database::text, p.owner::text, pg_catalog.age(p.transaction)::bigint,
    (extract(epoch from pg_catalog.clock_timestamp() - p.prepared) * 1000)::bigint, 'prepared', null
  from pg_catalog.pg_prepared_xacts p
) h
order by h.xmin_age desc nulls last, h.age_ms desc nulls last
limit %(limit)s
