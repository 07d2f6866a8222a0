"""Reading logs: blocks in, rows out. Pure parts take bytes, `source_reader` and `stream` act."""
