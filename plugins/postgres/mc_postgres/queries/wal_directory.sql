-- The files of the WAL directory (pg_monitor).
select /* mission-control */ count(*)::int as segment_count, coalesce(sum(w.size), 0)::bigint as directory_bytes
from pg_catalog.pg_ls_waldir() w where w.name ~ '^[0-9A-F]{24}$'
