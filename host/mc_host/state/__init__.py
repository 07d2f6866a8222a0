"""What the host remembers: one SQLite file in its state folder."""
