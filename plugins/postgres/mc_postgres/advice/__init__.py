"""Which indexes are missing, and which could go."""
