-- What the server's wait events mean (17 and later).
select /* mission-control */ w.type, w.name, w.description from pg_catalog.pg_wait_events w
