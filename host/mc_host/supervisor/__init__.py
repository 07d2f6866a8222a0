"""Plugin processes: start, watch, restart, stop."""
