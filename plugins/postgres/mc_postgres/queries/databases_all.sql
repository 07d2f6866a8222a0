-- All databases, also those that cannot be connected to.
select /* mission-control */
  d.datname::text as name,
  pg_catalog.pg_get_userbyid(d.datdba)::text as owner,
  d.datallowconn and pg_catalog.has_database_privilege(d.oid, 'CONNECT') as can_connect,
  pg_catalog.pg_encoding_to_char(d.encoding)::text as encoding,
  coalesce(d.datcollate::text, '') as collation,
  d.datconnlimit::int as connection_limit,
  (select count(*) from pg_catalog.pg_stat_activity a where a.datid = d.oid
     and a.application_name <> 'mission-control-postgres')::int as connections,
  pg_catalog.age(d.datfrozenxid)::bigint as xid_age,
  d.datistemplate as is_template,
  d.datallowconn as allows_connections,
  coalesce(s.xact_commit, 0)::bigint as commits,
  case when s.blks_hit + s.blks_read > 0 then s.blks_hit * 100.0 / (s.blks_hit + s.blks_read) end::float8
    as cache_hit_percent,
  t.spcname::text as tablespace
from pg_catalog.pg_database d
left join pg_catalog.pg_stat_database s on s.datid = d.oid
left join pg_catalog.pg_tablespace t on t.oid = d.dattablespace
where %(database)s = '' or d.datname = %(database)s
order by d.datistemplate, d.datname
