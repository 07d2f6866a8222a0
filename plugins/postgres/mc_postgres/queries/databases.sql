-- Databases that allow connections and are no templates.
select /* mission-control */ d.datname as name
from pg_catalog.pg_database d
where d.datallowconn and not d.datistemplate
order by d.datname
