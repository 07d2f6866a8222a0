-- All settings that this role may see.
select /* mission-control */
  s.name, s.setting as value, s.unit, s.category, s.short_desc as description, s.context, s.vartype as type, s.source,
  s.sourcefile as source_file, s.sourceline::int as source_line, s.boot_val as "default", s.reset_val as reset_value,
  s.pending_restart, s.min_val as min, s.max_val as max, s.enumvals as enum_values,
  pg_catalog.current_setting(s.name, true) as display
from pg_catalog.pg_settings s
order by s.name
