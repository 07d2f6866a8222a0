-- Ordinary tables by name that are large enough for an index to matter, with the columns that a B-tree of the system's
-- own types can order. Row security would put functions of its owner into our query: such tables are left out.
select /* mission-control */
  c.oid::bigint as oid, n.nspname::text as schema, c.relname::text as name, c.reltuples::float8 as tuples,
  array(
    select a.attname::text from pg_catalog.pg_attribute a
    join pg_catalog.pg_type y on y.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and y.typnamespace = 'pg_catalog'::regnamespace
      and exists (select from pg_catalog.pg_opclass o join pg_catalog.pg_am m on m.oid = o.opcmethod
                  where o.opcdefault and m.amname = 'btree'
                    and (o.opcintype = y.oid or (y.typelem <> 0 and y.typlen = -1 and o.opcintype = 2277)
                         or y.oid = 1043))
    order by a.attnum
  ) as columns
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm') and not c.relrowsecurity and c.relname::text = any (%(mentioned)s)
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%%'
  and c.reltuples >= %(min_tuples)s
  and not exists (
    select from pg_catalog.pg_locks l
    where l.relation = c.oid and l.mode = 'AccessExclusiveLock'
      and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))
order by 2, 3
limit 500
