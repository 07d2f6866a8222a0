-- Reads and writes by kind of process (16 and later), without those that never did any.
select /* mission-control */ pg_catalog.to_jsonb(i) as row from pg_catalog.pg_stat_io i
where coalesce(i.reads, 0) + coalesce(i.writes, 0) + coalesce(i.extends, 0) + coalesce(i.hits, 0) > 0
order by coalesce(i.reads, 0) + coalesce(i.writes, 0) + coalesce(i.extends, 0) desc
