"""What the server counts about statements: read by any version of pg_stat_statements, kept as snapshots, compared."""
