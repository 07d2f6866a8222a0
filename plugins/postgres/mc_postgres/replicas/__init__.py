"""Standbys, slots, subscriptions, WAL and checkpoints."""
