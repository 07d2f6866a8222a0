-- Let the planner of this session believe in an index.
select /* mission-control */ h.indexrelid::bigint as oid, {schema}.hypopg_relation_size(h.indexrelid)::bigint as size_bytes
from {schema}.hypopg_create_index(%(definition)s) h
