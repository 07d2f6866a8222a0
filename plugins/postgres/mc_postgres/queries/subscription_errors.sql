-- How often applying or copying failed (15 and later).
select /* mission-control */ s.subname::text as name, s.apply_error_count::bigint as apply_errors,
  s.sync_error_count::bigint as sync_errors
from pg_catalog.pg_stat_subscription_stats s
