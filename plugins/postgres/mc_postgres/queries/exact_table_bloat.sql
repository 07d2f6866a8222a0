-- Live, dead and free bytes of one table, by reading the pages that the visibility map does not vouch for.
select /* mission-control */
  x.table_len::bigint as size_bytes,
  (x.approx_free_space + x.dead_tuple_len)::bigint as bloat_bytes
from {schema}.pgstattuple_approx(%(relation)s::bigint::oid::pg_catalog.regclass) x
