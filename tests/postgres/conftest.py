"""Fixtures of the postgres plugin's tests."""

from tests.fixtures.fix_postgres import each_plugin, each_server, nothing_left_on_servers, park, plugin, server

__all__ = ["each_plugin", "each_server", "nothing_left_on_servers", "park", "plugin", "server"]
