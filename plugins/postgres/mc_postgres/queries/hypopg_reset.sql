-- Forget all hypothetical indexes of this session.
select /* mission-control */ {schema}.hypopg_reset()::text as done
