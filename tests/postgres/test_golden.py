"""A58 and A59: the recorded answers of the reference, by key sets and JSON types, and its types by value."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest

from mc_sdk import Item, OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import GOLDEN, ITEM, OnServer, ServerPark, plugin_on, wait_until_none

OPERATIONS = json.loads((GOLDEN / "operations.json").read_text())["calls"]
TYPES = json.loads((GOLDEN / "types.json").read_text())["types"]
IMPROVED = {"9007199254740993::int8": "9007199254740993", "'\\x00ff41'::bytea": "\\x00ff41", "'NaN'::float8": "NaN"}
"""Where the reference lost data or failed."""
WAITING = "(select 1 - count(*) from pg_stat_activity where application_name = 'waiter' and wait_event_type = 'Lock')"


@pytest.fixture
def recorded(park: ServerPark) -> Iterator[PostgresServer]:
    """The server of the recordings' major, with one session that holds a row and one that waits for it."""
    server = park.get(15)
    holder, waiter = server.connect(application="holder", tcp=True), server.connect(application="waiter", tcp=True)
    holder.execute("begin")
    holder.execute("update orders set note = note where id = 1")
    waiter.pgconn.send_query(b"update orders set note = note where id = 1")
    wait_until_none(server, WAITING)
    yield server
    holder.close()
    waiter.close()
    wait_until_none(server, "select count(*) from pg_stat_activity where application_name in ('holder', 'waiter')")


@pytest.fixture
async def on_recorded(recorded: PostgresServer) -> AsyncIterator[OnServer]:
    """The plugin there."""
    async with plugin_on(recorded, item=Item(id=ITEM, name="app", type="PostgreSQL::Database")) as found:
        yield found


def shape(value: Any) -> Any:
    """Return keys and JSON types of a value; of an array, the shapes of its elements merged."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        merged: dict[str, Any] = {}
        for inner in map(shape, value):
            if not isinstance(inner, dict):
                return [inner]
            merged |= inner
        return [merged] if value else []
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else "string"


def missing(expected: Any, found: Any, path: str = "$") -> list[str]:
    """Return what of the expected shape is absent or of another type; added keys are fine."""
    if isinstance(expected, dict) and isinstance(found, dict):
        lost = [f"{path}.{key}" for key in expected.keys() - found.keys()]
        return lost + [
            line
            for key in expected.keys() & found.keys()
            for line in missing(expected[key], found[key], f"{path}.{key}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and expected and found:
        return missing(expected[0], found[0], path + "[]")
    return (
        []
        if type(expected) is type(found) and (expected == found or isinstance(expected, list))
        else [f"{path}: {expected} became {found}"]
    )


OPTIONAL = {"$.uiChecksum", "$[].durationMs", "$.instance.uptimeSeconds"}
"""Absent here since a checkout has no page, or zero on a server that was started a moment ago."""


@pytest.mark.parametrize(
    "recording",
    [call for call in OPERATIONS if "result" in call],
    ids=lambda call: f"{call['operation']}-{json.dumps(call['params'])[:40]}",
)
async def test_a58_results_have_the_reference_shape(on_recorded: OnServer, recording: dict[str, Any]) -> None:
    params = dict(recording["params"])
    if params.get("statement", "").startswith("update customers"):
        params["mode"] = "write"
    found = await on_recorded.call(recording["operation"], **params)
    lost = [line for line in missing(shape(recording["result"]), shape(found)) if line not in OPTIONAL]
    assert lost == []


@pytest.mark.parametrize(
    "recording",
    [call for call in OPERATIONS if "error_code" in call],
    ids=lambda call: f"{call['operation']}-{json.dumps(call['params'])[:40]}",
)
async def test_a58_errors_say_what_the_reference_says(on_recorded: OnServer, recording: dict[str, Any]) -> None:
    params = recording["params"] | ({"mode": "write"} if "selec 1" in str(recording["params"]) else {})
    with pytest.raises(OperationError) as caught:
        await on_recorded.call(recording["operation"], **params)
    primary = recording["error_message"].removeprefix("ERROR: ").partition(" (SQLSTATE")[0]
    assert caught.value.message == primary


async def test_a58_query_values_are_the_recorded_ones(on_recorded: OnServer) -> None:
    statement = "select id, name, mood from customers order by id"
    [recording] = [call for call in OPERATIONS if call["params"].get("statement") == statement]
    found = await on_recorded.call("query", statement=statement)
    assert found["rows"] == recording["result"]["rows"]
    assert found["columns"] == recording["result"]["columns"]


@pytest.mark.parametrize("recording", TYPES, ids=lambda one: one["expression"])
async def test_a59_types_render_as_the_reference_does(on_recorded: OnServer, recording: dict[str, Any]) -> None:
    expression = recording["expression"]
    found = await on_recorded.call("query", statement=f"select {expression} as v")
    assert found["rows"] == [{"v": IMPROVED.get(expression, recording.get("value"))}]
    if "type" in recording and expression != "'happy'::mood":
        assert found["columnTypes"] == [{"name": "v", "type": recording["type"]}]


def test_the_recorded_server_is_blocked(recorded: PostgresServer) -> None:
    with recorded.connect() as connection, pytest.raises(psycopg.errors.LockNotAvailable):
        connection.execute("select 1 from orders where id = 1 for update nowait")
