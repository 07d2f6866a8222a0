-- Replication slots; what this version's view lacks is absent from `row`.
select /* mission-control */
  s.slot_name::text as name, s.slot_type::text as type, s.plugin::text as plugin, s.database::text as database, s.active,
  s.active_pid as pid,
  pg_catalog.pg_wal_lsn_diff(p.lsn, s.restart_lsn)::bigint as retained_bytes,
  pg_catalog.age(s.xmin)::bigint as xmin_age, pg_catalog.age(s.catalog_xmin)::bigint as catalog_xmin_age,
  pg_catalog.to_jsonb(s) as row
from pg_catalog.pg_replication_slots s
cross join lateral (
  select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
              else pg_catalog.pg_current_wal_lsn() end as lsn
) p
order by s.slot_name
