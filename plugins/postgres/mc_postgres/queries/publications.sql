-- What this database publishes.
select /* mission-control */
  p.pubname::text as name, p.puballtables as all_tables, p.pubinsert as insert, p.pubupdate as update,
  p.pubdelete as delete, p.pubtruncate as truncate,
  (select count(*) from pg_catalog.pg_publication_rel r where r.prpubid = p.oid)::int as tables
from pg_catalog.pg_publication p order by p.pubname
