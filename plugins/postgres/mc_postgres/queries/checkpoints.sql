-- Checkpoints and the background writer (17 and later).
select /* mission-control */
  c.num_timed::bigint as timed, c.num_requested::bigint as requested,
  c.write_time::float8 as write_ms, c.sync_time::float8 as sync_ms,
  c.buffers_written::bigint as buffers_written, c.stats_reset,
  c.restartpoints_timed::bigint as restartpoints_timed, c.restartpoints_req::bigint as restartpoints_requested,
  b.buffers_clean::bigint as buffers_clean, b.maxwritten_clean::bigint as maxwritten_clean,
  b.buffers_alloc::bigint as buffers_alloc, null::bigint as buffers_backend
from pg_catalog.pg_stat_checkpointer c cross join pg_catalog.pg_stat_bgwriter b
