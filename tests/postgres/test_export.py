"""Export: what COPY writes comes back the same, limits are marked, tickets work once, nothing gets out of the query."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pytest

from mc_sdk import InvalidParams, NotFound, NotSupported, OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, OnServer, plugin_on_scratch, wait_until_none

SOURCE = """
    create table source (id int, t text, n numeric, j json, b bytea, at timestamptz);
    insert into source values
      (1, null, 1.10, '{"a":\n 1}', '\\x00ff', '2024-02-29 10:00+00'),
      (2, '', 'NaN', '[]', '', 'infinity'),
      (3, E'quote " comma , semicolon ; line\\nbreak\\r\\ttab', -5, null, null, null),
      (4, '=1+1', 0, '"x"', null, '0044-03-15 BC')
"""


async def test_a16_csv_comes_back_the_same(each_scratch: PostgresServer) -> None:
    each_scratch.run(SOURCE, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        data = await plugin.export(statement="select * from source order by id -- all of it")
        semicolons = await plugin.export(statement="table source", delimiter=";", header=False)
    assert data.startswith(b"id,t,n,j,b,at\n")
    with each_scratch.connect(database=SCRATCH) as client:
        client.execute("create table again (like source)")
        for target, text in (("again", data),):
            with client.cursor().copy(f"copy {target} from stdin with (format csv, header)".encode()) as copy:
                copy.write(text)
        whole = "(select array_agg(x::text order by id) from {} x)"
        compare = f"select {whole.format('source')} = {whole.format('again')}"
        assert client.execute(compare.encode()).fetchone() == (True,)
    assert semicolons.count(b"\n") > 4
    assert b"id;" not in semicolons


async def test_a16_formulas_are_neutralised_when_asked(plugin: OnServer) -> None:
    statement = "select '=1+1' a, '-2+3' b, -5 c, '@x' d, '+49 123' e, 'plain, \"x\"' f, null g"
    [_, row] = list(csv.reader(io.StringIO((await plugin.export(statement=statement, spreadsheetSafe=True)).decode())))
    assert row == ["'=1+1", "'-2+3", "-5", "'@x", "'+49 123", 'plain, "x"', ""]
    [_, row] = list(csv.reader(io.StringIO((await plugin.export(statement=statement)).decode())))
    assert row[0] == "=1+1"


async def test_json_and_lines_of_json(each_scratch: PostgresServer) -> None:
    each_scratch.run(SOURCE, SCRATCH)
    async with plugin_on_scratch(each_scratch) as plugin:
        rows = json.loads(await plugin.export(statement="select * from source order by id", format="json"))
        lines = await plugin.export(statement="select * from source order by id", format="ndjson")
        assert json.loads(await plugin.export(statement="select 1 where false", format="json")) == []
        assert await plugin.export(statement="select 1 where false", format="ndjson") == b""
    assert [json.loads(line) for line in lines.splitlines()] == rows
    assert rows[0]["j"] == {"a": 1}
    assert rows[2]["t"] == 'quote " comma , semicolon ; line\nbreak\r\ttab'


async def test_a15_limits_stop_early_and_are_marked(plugin: OnServer) -> None:
    statement = "select generate_series(1, 50000000) as n"
    data = await plugin.export(statement=statement, maxRows=3)
    assert data == b"n\n1\n2\n3\n# truncated after 3 rows: maxRows reached\n"
    assert await plugin.export(statement="select generate_series(1, 3) as n", maxRows=3) == b"n\n1\n2\n3\n"
    data = await plugin.export(statement=statement, maxBytes=100_000)
    assert b"maxBytes reached" in data[-60:]
    assert len(data) < 400_000
    rows = json.loads(await plugin.export(statement=statement, format="json", maxRows=2))
    assert rows == [{"n": 1}, {"n": 2}, {"truncated": True, "reason": "maxRows", "rows": 2}]


@pytest.mark.parametrize(
    "statement",
    [
        "select 1; select 2",
        "delete from orders returning 1",
        "with x as (delete from orders returning 1) select * from x",
        "select 1) to stdout; commit; create table leaked (a int); copy (select 1",
        "select 1) to program 'touch leaked' --",
        "select (1)) to program 'touch leaked' with (format csv",
        "copy orders to stdout",
        "show server_version",
        "select pg_reload_conf()",
        "",
    ],
)
async def test_a10_export_runs_queries_only(plugin: OnServer, statement: str) -> None:
    for form in ("csv", "json"):
        with pytest.raises(OperationError):
            await plugin.export(statement=statement, format=form)
    assert plugin.server.run("select count(*) from pg_class where relname = 'leaked'") == [(0,)]
    assert plugin.server.run("select count(*) >= 2 from orders") == [(True,)]


async def test_errors_are_placed(plugin: OnServer) -> None:
    for form in ("csv", "ndjson"):
        with pytest.raises(InvalidParams) as caught:
            await plugin.export(statement="/* x */ select\n nme from orders", format=form)
        assert (caught.value.facts["line"], caught.value.facts["column"]) == (2, 2)
    with pytest.raises(InvalidParams) as caught:
        await plugin.export(statement="select 10 / (1000 - i) from generate_series(1, 2000) i")
    assert caught.value.facts["sqlstate"] == "22012"
    with pytest.raises(OperationError) as slow:
        await plugin.export(statement="select pg_sleep(9)", statementTimeoutMs=200)
    assert slow.value.facts["sqlstate"] == "57014"


async def test_parquet_is_not_written(plugin: OnServer) -> None:
    with pytest.raises(NotSupported):
        await plugin.export(statement="select 1", format="parquet")


async def test_a_ticket_works_once_and_for_its_user(plugin: OnServer) -> None:
    made = await plugin.call("query-export-ticket", statement="select 1 as a", format="ndjson")
    assert made["fileName"] == "results.ndjson"
    assert made["url"] == f"proxy/query-export?ticket={made['ticket']}"
    other = await plugin.call("query-export-ticket", statement="select 1 as a", caller="somebody else")
    with pytest.raises(NotFound):
        await plugin.export(ticket=other["ticket"])
    assert await plugin.export(ticket=made["ticket"]) == b'{"a":1}\n'
    with pytest.raises(NotFound):
        await plugin.export(ticket=made["ticket"])
    with pytest.raises(InvalidParams):
        await plugin.call("query-export-ticket", statement="drop table orders")


async def test_an_export_can_be_cancelled(plugin: OnServer) -> None:
    call = asyncio.ensure_future(plugin.export(statement="select pg_sleep(49)", queryId="x"))
    active = "select 1 - count(*) from pg_stat_activity where query like '%pg_sleep(49)%' and wait_event = 'PgSleep'"
    await asyncio.to_thread(wait_until_none, plugin.server, active)
    assert (await plugin.call("query-cancel", queryId="x"))["cancelled"]
    with pytest.raises(OperationError, match="user request"):
        await call
