-- Lines of the configuration files that the server cannot take (superusers and those granted only).
select /* mission-control */ f.sourcefile as file, f.sourceline::int as line, f.name, f.error
from pg_catalog.pg_file_settings f where f.error is not null
