-- Transactions that were prepared and wait for their COMMIT or ROLLBACK PREPARED.
select /* mission-control */
  p.gid, p.owner::text as owner, p.database::text as database, p.prepared as prepared_at,
  (extract(epoch from pg_catalog.clock_timestamp() - p.prepared) * 1000)::bigint as age_ms,
  p.transaction::text as xid,
  pg_catalog.age(p.transaction)::bigint as xid_age,
  (select count(*) from pg_catalog.pg_locks l
   where l.pid is null and l.virtualtransaction in (
     select t.virtualtransaction from pg_catalog.pg_locks t
     where t.pid is null and t.locktype = 'transactionid' and t.transactionid = p.transaction))::int as locks
from pg_catalog.pg_prepared_xacts p
where %(database)s = '' or p.database = %(database)s
order by p.prepared
