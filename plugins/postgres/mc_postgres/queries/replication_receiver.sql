-- Where a standby gets its WAL from; what this version's view lacks is absent from `row`.
select /* mission-control */ pg_catalog.to_jsonb(r) - 'conninfo' as row from pg_catalog.pg_stat_wal_receiver r
