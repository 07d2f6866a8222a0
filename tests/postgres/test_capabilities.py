"""A56: on every version, for every role, no operation fails without having been announced."""

from __future__ import annotations

from typing import Any

import pytest

from mc_sdk import OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import OnServer, plugin_on

PARAMS: dict[str, dict[str, Any]] = {
    "query": {"statement": "select 1"},
    "explain": {"statement": "select 1"},
    "plan-read": {"plan": "Result  (cost=0.00..0.01 rows=1 width=4)"},
    "session-cancel": {"pid": 999_999},
    "session-terminate": {"pid": 999_999},
    "wait-sample": {"seconds": 1, "intervalMs": 1000},
    "query-export-ticket": {"statement": "select 1"},
}
SKIPPED = {"query-stream", "query-export", "query-cancel", "slow-queries-install", "statements-reset"}
"""Streams have tests of their own; the others would change what the next test sees, or need a running query."""


async def refused(plugin: OnServer) -> dict[str, str]:
    """Return the operations that fail, with what they say."""
    failures = {}
    for name in plugin.harness.plugin.handlers:
        if name not in SKIPPED:
            try:
                await plugin.call(name, **PARAMS.get(name, {}))
            except OperationError as exc:
                assert exc.http_status != 500, f"{name}: {exc.message}"
                failures[name] = exc.message
    return failures


@pytest.mark.parametrize("user", ["su", "mon", "plain"])
async def test_a56_what_fails_was_announced(any_server: PostgresServer, user: str) -> None:
    async with plugin_on(any_server, user=user) as plugin:
        announced = (await plugin.call("capabilities"))["operations"]
        assert set(announced) == set(plugin.harness.plugin.handlers)
        assert {name for name in await refused(plugin) if announced[name]["state"] != "unavailable"} == set()
        degraded = {name for name, one in announced.items() if one["state"] == "degraded"}
        if user == "su":
            assert degraded == set()
        elif user == "mon":
            assert "bloat" in degraded
            assert "sessions-list" not in degraded
        else:
            assert {"sessions-list", "slow-queries", "settings", "bloat", "overview"} <= degraded
            assert "pg_read_all_stats" in announced["sessions-list"]["grant"]


async def test_plugin_roles_are_announced(server: PostgresServer) -> None:
    async with plugin_on(server, roles=()) as plugin:
        announced = (await plugin.call("capabilities"))["operations"]
    assert announced["session-terminate"]["state"] == "unavailable"
    assert announced["query"]["state"] == "degraded"


async def test_the_grant_that_is_shown_is_the_one_that_helps(each_server: PostgresServer) -> None:
    async with plugin_on(each_server, user="plain") as plugin:
        grant = (await plugin.call("capabilities"))["operations"]["sessions-list"]["grant"]
        each_server.run(grant)
        try:
            assert (await plugin.call("capabilities"))["operations"]["sessions-list"]["state"] == "available"
        finally:
            each_server.run("revoke pg_read_all_stats from plain")
