-- Who receives this server's WAL, and how far behind. An idle pair has no time lag in the view: caught up means 0.
select /* mission-control */
  r.pid, r.application_name, r.usename::text as "user", r.client_addr::text as client_addr, r.state, r.sync_state,
  pg_catalog.pg_wal_lsn_diff(p.lsn, r.sent_lsn)::bigint as sent_lag_bytes,
  pg_catalog.pg_wal_lsn_diff(p.lsn, r.write_lsn)::bigint as write_lag_bytes,
  pg_catalog.pg_wal_lsn_diff(p.lsn, r.flush_lsn)::bigint as flush_lag_bytes,
  pg_catalog.pg_wal_lsn_diff(p.lsn, r.replay_lsn)::bigint as replay_lag_bytes,
  case when r.write_lsn = p.lsn then 0 else (extract(epoch from r.write_lag) * 1000)::bigint end as write_lag_ms,
  case when r.flush_lsn = p.lsn then 0 else (extract(epoch from r.flush_lag) * 1000)::bigint end as flush_lag_ms,
  case when r.replay_lsn = p.lsn then 0 else (extract(epoch from r.replay_lag) * 1000)::bigint end as replay_lag_ms,
  (select s.slot_name::text from pg_catalog.pg_replication_slots s where s.active_pid = r.pid limit 1) as slot,
  r.state is not null as visible
from pg_catalog.pg_stat_replication r
cross join lateral (
  select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
              else pg_catalog.pg_current_wal_lsn() end as lsn
) p
order by r.application_name, r.pid
