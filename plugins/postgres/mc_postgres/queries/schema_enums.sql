-- Enums with their labels in order.
select /* mission-control */
  n.nspname::text as schema, t.typname::text as name,
  array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'e' and n.nspname not in ('pg_catalog', 'information_schema')
order by 1, 2
limit %(limit)s
