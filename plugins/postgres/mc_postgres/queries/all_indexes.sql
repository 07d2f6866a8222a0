-- Every index of the user's tables with all that decides whether it is needed, from the catalogue alone: no lock.
-- Expressions and predicates are compared as the server stores them, without the places in the text they came from.
select /* mission-control */
  i.indexrelid::bigint as oid, i.indrelid::bigint as table_oid,
  tn.nspname || '.' || t.relname as "table",
  n.nspname || '.' || c.relname as "index",
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) as quoted,
  a.amname::text as method,
  c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint as size_bytes,
  c.relkind::text as kind,
  pg_catalog.pg_stat_get_numscans(c.oid)::bigint as scans,
  pg_catalog.pg_stat_get_tuples_returned(c.oid)::bigint as tuples_read,
  i.indisunique as is_unique, i.indisprimary as is_primary, i.indisexclusion as is_exclusion,
  i.indisreplident as is_replica_identity, i.indisvalid as is_valid, i.indimmediate as is_immediate,
  i.indnkeyatts::int as key_count,
  i.indkey::int2[]::int[] as columns,
  i.indclass::oid[]::bigint[] as classes,
  i.indcollation::oid[]::bigint[] as collations,
  i.indoption::int2[]::int[] as options,
  pg_catalog.regexp_replace(coalesce(i.indexprs::text, ''), ':location -?[0-9]+', '', 'g') as expressions,
  pg_catalog.regexp_replace(coalesce(i.indpred::text, ''), ':location -?[0-9]+', '', 'g') as predicate,
  exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
    as backs_constraint,
  exists (select from pg_catalog.pg_inherits h where h.inhrelid = i.indexrelid) as is_partition_part,
  array(select x.attname::text from pg_catalog.unnest(i.indkey::int2[]) with ordinality k(attnum, place)
    join pg_catalog.pg_attribute x on x.attrelid = i.indrelid and x.attnum = k.attnum order by k.place) as column_names,
  greatest(t.reltuples, 0)::float8 as table_tuples
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class t on t.oid = i.indrelid
join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
join pg_catalog.pg_am a on a.oid = c.relam
where tn.nspname not in ('pg_catalog', 'information_schema') and tn.nspname not like 'pg\_toast%%'
  and tn.nspname not like 'pg\_temp%%'
order by c.relpages desc, 4
limit %(limit)s
