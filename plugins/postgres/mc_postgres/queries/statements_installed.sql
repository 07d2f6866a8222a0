-- What is installed now, and whether its library was loaded (null: hidden from us).
select /* mission-control */
  (select e.extversion from pg_catalog.pg_extension e where e.extname = 'pg_stat_statements') as version,
  (select s.setting from pg_catalog.pg_settings s where s.name = 'shared_preload_libraries') as preloaded
