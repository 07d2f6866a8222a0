-- Where we are.
select /* mission-control */ pg_catalog.current_database()::text as name
