-- How much WAL this server has ever written or replayed.
select /* mission-control */
  pg_catalog.pg_wal_lsn_diff(
    case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
         else pg_catalog.pg_current_wal_lsn() end, '0/0')::bigint as position
