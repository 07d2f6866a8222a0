"""Logs of this machine: the same engine, other readers."""
