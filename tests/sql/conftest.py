"""Fixtures of the SQL kit's tests."""

from tests.fixtures.fix_postgres import park, server

__all__ = ["park", "server"]
