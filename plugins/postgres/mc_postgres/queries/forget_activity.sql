-- Let the next look at pg_stat_activity in this transaction be a fresh one.
select /* mission-control */ pg_catalog.pg_stat_clear_snapshot() is null as is_done
