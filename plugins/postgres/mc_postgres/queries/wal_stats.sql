-- WAL written since the last reset (14 and later).
select /* mission-control */ pg_catalog.to_jsonb(w) as row from pg_catalog.pg_stat_wal w
