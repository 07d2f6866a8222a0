"""Fixtures of the postgres plugin's tests."""

from tests.fixtures.fix_postgres import (
    any_server,
    each_plugin,
    each_scratch,
    each_server,
    nothing_left_on_servers,
    park,
    plugin,
    scratch,
    server,
)

__all__ = [
    "any_server",
    "each_plugin",
    "each_scratch",
    "each_server",
    "nothing_left_on_servers",
    "park",
    "plugin",
    "scratch",
    "server",
]
