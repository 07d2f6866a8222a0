-- Since when statements are counted, and how often the table was full (14 and later).
select /* mission-control */ i.dealloc::bigint as dealloc, i.stats_reset from {schema}.pg_stat_statements_info i
