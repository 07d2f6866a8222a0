-- How full the leaf pages of one B-tree index are, by reading it.
select /* mission-control */
  x.index_size::bigint as size_bytes,
  greatest(0, x.index_size * (1 - case when x.avg_leaf_density = 'NaN' then 90 else x.avg_leaf_density end / 90))::bigint
    as bloat_bytes
from {schema}.pgstatindex(%(relation)s::bigint::oid::pg_catalog.regclass) x
