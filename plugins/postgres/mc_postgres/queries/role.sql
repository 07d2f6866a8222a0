-- Who we are, and the predefined roles whose rights are ours.
select /* mission-control */
  current_user::text as name,
  pg_catalog.quote_ident(current_user) as quoted,
  coalesce((select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user), false) as is_superuser,
  array(
    select g.rolname::text from pg_catalog.pg_roles g
    where g.rolname ~ '^pg_' and pg_catalog.pg_has_role(current_user, g.oid, 'USAGE') order by 1
  ) as member_of,
  pg_catalog.current_database()::text as database
