-- What this database subscribes to, without the connection strings (which only superusers may read).
select /* mission-control */
  s.subname::text as name, s.subenabled as enabled, t.pid, t.received_lsn::text as received_lsn,
  t.last_msg_receipt_time as last_message_at,
  (select count(*) from pg_catalog.pg_subscription_rel r where r.srsubid = s.oid and r.srsubstate <> 'r')::int
    as not_ready_tables
from pg_catalog.pg_subscription s
left join pg_catalog.pg_stat_subscription t
  on t.subid = s.oid and t.relid is null and pg_catalog.to_jsonb(t) ->> 'leader_pid' is null
where s.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
order by s.subname
