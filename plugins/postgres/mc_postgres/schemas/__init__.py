"""What there is in a database: tables and views with their parts, functions, enums."""
