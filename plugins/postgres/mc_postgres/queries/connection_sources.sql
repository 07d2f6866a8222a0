-- Where connections come from, the most numerous first.
select /* mission-control */
  coalesce(a.usename, '')::text as "user", coalesce(a.datname, '')::text as database,
  coalesce(a.application_name, '') as application, a.client_addr::text as client_addr, count(*)::int as count,
  count(*) filter (where a.state = 'active')::int as active,
  count(*) filter (where a.state like 'idle in transaction%%')::int as idle_in_transaction
from pg_catalog.pg_stat_activity a
where a.backend_type = 'client backend' or (a.backend_type is null and a.datid is not null)
group by 1, 2, 3, 4
order by 5 desc, 1, 2, 3
limit 50
