-- Average width and share of nulls of the columns of some relations, from the statistics themselves: superusers only.
with /* mission-control */ wanted as (
  select pg_catalog.unnest(%(relations)s::oid[]) as oid
), columns as (
  select w.oid as relation, a.attnum,
    case when i.indexrelid is null or i.indkey[a.attnum - 1] = 0 then w.oid else i.indrelid end as source_relation,
    case when i.indexrelid is null or i.indkey[a.attnum - 1] = 0 then a.attnum else i.indkey[a.attnum - 1] end
      as source_column
  from wanted w
  join pg_catalog.pg_attribute a on a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_index i on i.indexrelid = w.oid
), known as materialized (
  select k.*, n.nspname as schema, c.relname as table_name, x.attname as column_name
  from columns k
  join pg_catalog.pg_class c on c.oid = k.source_relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute x on x.attrelid = k.source_relation and x.attnum = k.source_column
)
select
  k.relation::bigint as relation,
  coalesce(sum((1 - s.stanullfrac) * s.stawidth), 0)::float8 as data_bytes,
  coalesce(pg_catalog.bool_or(s.stanullfrac > 0), false) as has_nulls,
  count(*) filter (where s.starelid is null)::int as unknown_columns
from known k
left join pg_catalog.pg_statistic s on s.starelid = k.source_relation and s.staattnum = k.source_column and not s.stainherit
group by 1
