"""Where plugin binaries lie on disk."""
