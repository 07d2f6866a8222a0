-- Checkpoints and the background writer (16 and before).
select /* mission-control */
  b.checkpoints_timed::bigint as timed, b.checkpoints_req::bigint as requested,
  b.checkpoint_write_time::float8 as write_ms, b.checkpoint_sync_time::float8 as sync_ms,
  b.buffers_checkpoint::bigint as buffers_written, b.stats_reset,
  null::bigint as restartpoints_timed, null::bigint as restartpoints_requested,
  b.buffers_clean::bigint as buffers_clean, b.maxwritten_clean::bigint as maxwritten_clean,
  b.buffers_alloc::bigint as buffers_alloc, b.buffers_backend::bigint as buffers_backend
from pg_catalog.pg_stat_bgwriter b
