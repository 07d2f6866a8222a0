-- Sequences and how much of their range, and of the type of the column that they fill, is used.
with /* mission-control */ locked as materialized (
  select distinct l.relation from pg_catalog.pg_locks l
  where l.mode = 'AccessExclusiveLock' and l.relation is not null
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
)
select
  n.nspname::text as schema, c.relname::text as name, pg_catalog.format_type(s.seqtypid, null) as data_type,
  case when pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE') and l.relation is null
       then pg_catalog.pg_sequence_last_value(c.oid) end as last_value,
  pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE') as is_readable,
  s.seqmin as min_value, s.seqmax as max_value, s.seqincrement as increment, s.seqcycle as cycles,
  tn.nspname || '.' || t.relname || '.' || a.attname as "column",
  pg_catalog.format_type(a.atttypid, null) as column_type
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join locked l on l.relation = c.oid
left join lateral (
  select d.refobjid, d.refobjsubid from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype in ('a', 'i')
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0
  limit 1
) o on true
left join pg_catalog.pg_class t on t.oid = o.refobjid
left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
left join pg_catalog.pg_attribute a on a.attrelid = o.refobjid and a.attnum = o.refobjsubid
where n.nspname not like 'pg\_temp%%'
limit %(limit)s
