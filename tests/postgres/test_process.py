"""The plugin as a process behind its wire: the stream over HTTP, its memory, and what its death leaves behind."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mc_sdk import Connection, Item
from mc_sdk.testing import FakeHost
from mc_sql.testing import PostgresServer
from mc_wire.headers import USER_HEADER
from tests.fixtures.fix_plugin_process import SECRET_HEADERS, PluginProcess, launched
from tests.fixtures.fix_postgres import ITEM, OWN_BACKENDS, wait_until_none

COMMAND = [sys.executable, "-m", "mc_postgres"]
MIB = 1024 * 1024
COLUMNS = "i, i::text || 'abc', i * 1.5::float8, now(), i::numeric, i % 2 = 0, 'x', i::bigint, null, md5(i::text)"
SLEEPS = "select count(*) from pg_stat_activity where query like 'select pg_sleep(49)%' and state = 'active'"


def host_for(server: PostgresServer) -> FakeHost:
    """Return a host with one item that leads to `server`."""
    item = Item(id=ITEM, name="x", type="PostgreSQL::Server")
    return FakeHost(items={ITEM: item}, connections={ITEM: Connection(type="postgres", url=server.url())})


@pytest.fixture
async def process(server: PostgresServer) -> AsyncIterator[PluginProcess]:
    """The running plugin, registered with a host that knows one item."""
    async with launched(COMMAND, PGHOST="nowhere", PGPASSWORD="wrong") as found:
        await found.register(host_for(server))
        yield found


def resident_bytes(pid: int, field: str = "VmRSS") -> int:
    """Return a process's resident memory, or its peak (`VmHWM`)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


async def ask(process: PluginProcess, operation: str, **params: Any) -> Any:
    """Return the result of an invocation."""
    outcome = await process.invoke(operation, json.dumps(params).encode(), item_id=ITEM)
    assert not outcome.error_code, outcome.error_message
    return json.loads(outcome.result)


async def test_operations_answer_over_the_wire(process: PluginProcess) -> None:
    assert process.manifest is not None
    assert process.manifest.name == "postgres"
    assert (await ask(process, "query", statement="select 1 as a"))["rows"] == [{"a": 1}]
    assert await ask(process, "databases-list") == ["app", "other", "postgres"]
    outcome = await process.invoke("query", b'{"statement":"select nme"}', item_id=ITEM)
    body = json.loads(outcome.result)
    assert (outcome.error_code, body["facts"]["sqlstate"]) == ("invalid", "42703")


async def test_a49_50000_rows_reach_a_browser_fast_and_small(process: PluginProcess) -> None:
    for operation in ("stats", "schema", "sessions-list"):
        await ask(process, operation)
    pid = process.process.pid
    before = resident_bytes(pid)
    assert before <= 80 * MIB
    params = {"statement": f"select {COLUMNS} from generate_series(1, 50000) i", "rowLimit": 50_000}
    url = process.url(f"/__mc/operations/query-stream?config_id={ITEM}")
    started, first_s, lines = time.monotonic(), math.inf, 0
    async with aiohttp.ClientSession() as http, http.post(url, json=params, headers=SECRET_HEADERS) as response:
        assert response.status == 200
        async for block in response.content.iter_any():
            lines += block.count(b"\n")
            if lines > 1:
                first_s = min(first_s, time.monotonic() - started)
    assert lines == 50_003
    assert first_s < 0.3
    assert resident_bytes(pid, "VmHWM") - before <= 64 * MIB


async def test_a15_an_export_is_small_in_memory_and_ends_with_its_client(
    process: PluginProcess, server: PostgresServer
) -> None:
    await ask(process, "query", statement="select 1")
    pid = process.process.pid
    before = resident_bytes(pid)
    url = process.url(f"/__mc/operations/query-export?config_id={ITEM}")
    row = "i, md5(i::text), md5((i + 1)::text), md5((i + 2)::text)"
    async with aiohttp.ClientSession(headers=SECRET_HEADERS) as http:
        body = {"statement": f"select {row} from generate_series(1, 300000) i"}
        lines = 0
        async with http.post(url, json=body) as response:
            assert response.status == 200
            async for block in response.content.iter_any():
                lines += block.count(b"\n")
        assert lines == 300_001
        assert resident_bytes(pid, "VmHWM") - before <= 64 * MIB
        made = await ask(process, "query-export-ticket", statement="select 1 as a")
        link = f"{url}&ticket={made['ticket']}"
        async with http.get(link) as response:
            assert response.status == 404  # of another user
        same = {USER_HEADER: "tester"}
        async with http.get(link, headers=same) as response:
            assert await response.read() == b"a\n1\n"
            assert response.content_type == "text/csv"
            assert response.headers["Content-Disposition"] == 'attachment; filename="results.csv"'
        broken = {"statement": "select 10 / (100000 - i) from generate_series(1, 200000) i"}
        with pytest.raises(aiohttp.ClientPayloadError):
            async with http.post(url, json=broken) as response:
                assert response.status == 200
                await response.read()
        async with http.post(url, json={"statement": "select 1 / 0"}) as response:
            assert (response.status, (await response.json())["facts"]["sqlstate"]) == (400, "22012")
        async with http.get(link, headers=same) as response:
            assert response.status == 404
        endless = {"statement": "select generate_series(1, 2000000000)"}
        async with http.post(url, json=endless) as response:
            await response.content.readany()
            response.close()
        await asyncio.to_thread(wait_until_none, server, OWN_BACKENDS + " and state = 'active'", 2.0)


async def test_stream_errors_come_as_status_before_and_as_line_after_the_first_row(process: PluginProcess) -> None:
    url = process.url(f"/__mc/operations/query-stream?config_id={ITEM}")
    async with aiohttp.ClientSession(headers=SECRET_HEADERS) as http:
        async with http.post(url, json={"statement": "drop table orders"}) as response:
            assert (response.status, (await response.json())["code"]) == (400, "invalid")
        statement = "select 10 / (100 - i) from generate_series(1, 200) i"
        async with http.post(url, json={"statement": statement}) as response:
            lines = [json.loads(line) for line in (await response.text()).splitlines()]
            assert lines[-1]["facts"]["sqlstate"] == "22012"


async def test_a18_a_browser_that_leaves_ends_its_query(process: PluginProcess, server: PostgresServer) -> None:
    url = process.url(f"/__mc/operations/query-stream?config_id={ITEM}")
    async with aiohttp.ClientSession(headers=SECRET_HEADERS) as http:
        for statement in ("select generate_series(1, 100000000)", "select pg_sleep(49)"):
            request = asyncio.ensure_future(http.post(url, json={"statement": statement, "rowLimit": 1_000_000}))
            active = OWN_BACKENDS + " and state = 'active'"
            await asyncio.to_thread(wait_until_none, server, f"select 1 - least(1, ({active}))")
            if request.done():
                request.result().close()
            else:
                request.cancel()
            await asyncio.to_thread(wait_until_none, server, active, 2.0)


async def test_a_killed_plugin_leaves_no_backend(server: PostgresServer) -> None:
    async with launched(COMMAND) as process:
        await process.register(host_for(server))
        call = asyncio.ensure_future(process.invoke("query", b'{"statement":"select pg_sleep(49)"}', item_id=ITEM))
        await asyncio.to_thread(wait_until_none, server, f"select 1 - least(1, ({SLEEPS}))")
        process.process.kill()
        await asyncio.wait([call])
        assert call.exception() is not None
        await asyncio.to_thread(wait_until_none, server, OWN_BACKENDS, 2.0)


async def test_a55_no_statement_and_no_secret_is_logged(process: PluginProcess) -> None:
    await ask(process, "query", statement="select 'sentinel-4711'")
    await process.invoke("query", b'{"statement":"select sentinel_4712"}', item_id=ITEM)
    await process.invoke(
        "query", b'{"statement":"select pg_sleep(1) /* sentinel-4713 */","statementTimeoutMs":1}', item_id=ITEM
    )
    assert [line for line in process.stderr if "sentinel" in line or "su-secret" in line] == []
