-- What there is here to build on.
select /* mission-control */
  pg_catalog.current_setting('server_version') as server_version,
  pg_catalog.pg_is_in_recovery() as in_recovery,
  coalesce((select pg_catalog.jsonb_object_agg(e.extname, e.extversion) from pg_catalog.pg_extension e), '{}'::jsonb)
    as extensions,
  array(select v.name::text from pg_catalog.pg_available_extensions v
    where v.name in ('pg_stat_statements', 'pgstattuple', 'hypopg')) as installable,
  (select count(*) from pg_catalog.pg_sequence s
   where not pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT,USAGE'))::int as hidden_sequences
