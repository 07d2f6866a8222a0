-- How far recovery is; everything is null on a primary, where most of these functions fail.
select /* mission-control */
  i.is_standby,
  case when i.is_standby then null else pg_catalog.pg_current_wal_lsn()::text end as current_lsn,
  case when i.is_standby then pg_catalog.pg_last_wal_receive_lsn()::text end as received_lsn,
  case when i.is_standby then pg_catalog.pg_last_wal_replay_lsn()::text end as replayed_lsn,
  case when i.is_standby then pg_catalog.pg_is_wal_replay_paused() end as is_paused,
  case when i.is_standby then pg_catalog.pg_last_xact_replay_timestamp() end as last_replay_at,
  case when i.is_standby then pg_catalog.pg_wal_lsn_diff(
    pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())::bigint end as replay_lag_bytes,
  case
    when not i.is_standby then null
    when pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() then 0
    else (extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) * 1000)::bigint
  end as replay_lag_ms,
  (select pg_catalog.to_jsonb(c) from pg_catalog.pg_stat_database_conflicts c
   where c.datname = pg_catalog.current_database()) as conflicts
from (select pg_catalog.pg_is_in_recovery() as is_standby) i
