"""The console's results: sets, limits, errors, time-outs, streams, and what is left when a caller goes away."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import pytest

from mc_sdk import Conflict, Forbidden, InvalidParams, NotFound, OperationError, TargetTimeout
from tests.fixtures.fix_postgres import ITEM, OWN_BACKENDS, OnServer, plugin_on, wait_until_none

OWN_ACTIVE = OWN_BACKENDS + " and state = 'active'"
NOT_YET_SLEEPING = (
    "select 1 - least(1, count(*)) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'"
)
MIB = 1024 * 1024


def memory_bytes() -> int:
    """Return this process's resident memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def test_a12_write_mode_needs_the_role(plugin: OnServer) -> None:
    async with plugin_on(plugin.server, roles=()) as reader:
        with pytest.raises(Forbidden, match="role 'write'"):
            await reader.call("query", statement="select 1", mode="write")


async def test_a12_write_mode_can_be_switched_off_for_everybody(plugin: OnServer) -> None:
    async with plugin_on(plugin.server, settings={"read_only": True}) as reader:
        with pytest.raises(Forbidden, match="switched off"):
            await reader.call("query", statement="select 1", mode="write")


async def test_a12_insert_returning_over_lines_returns_rows_and_commits(each_plugin: OnServer) -> None:
    text = "insert into customers(name)\nvalues ('Eve')\nreturning\nname"
    result = await each_plugin.call("query", statement=text, mode="write")
    assert result["rows"] == [{"name": "Eve"}]
    assert result["resultSets"][0]["rowsAffected"] == 1
    assert each_plugin.server.run("delete from customers where name = 'Eve' returning 1") == [(1,)]


async def test_a12_an_error_in_the_second_of_three_rolls_all_back(each_plugin: OnServer) -> None:
    text = "insert into customers(name) values ('Eve'); select 1 / 0; insert into customers(name) values ('Eve')"
    with pytest.raises(InvalidParams) as caught:
        await each_plugin.call("query", statement=text, mode="write")
    assert caught.value.facts["sqlstate"] == "22012"
    assert caught.value.facts["statementIndex"] == 1
    assert each_plugin.server.run("select count(*) from customers where name = 'Eve'") == [(0,)]


@pytest.mark.parametrize(
    "statement", ["begin", "commit", "rollback", "savepoint a", "prepare transaction 'x'", "set transaction read only"]
)
async def test_write_mode_refuses_transaction_control(plugin: OnServer, statement: str) -> None:
    with pytest.raises(InvalidParams, match="transaction control is refused"):
        await plugin.call("query", statement=statement, mode="write")


async def test_a13_two_selects_give_two_sets(each_plugin: OnServer) -> None:
    result = await each_plugin.call("query", statement="select 1 as a; select 2 as b")
    assert [one["rows"] for one in result["resultSets"]] == [[{"a": 1}], [{"b": 2}]]
    assert [one["statement"] for one in result["resultSets"]] == ["select 1 as a", "select 2 as b"]
    assert result["rows"] == [{"b": 2}]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("insert into scratch values (1); select 1", [(1, None), (None, 1)]),
        ("/* c */ insert into scratch values (1), (2)", [(2, None)]),
        ("select*from scratch", [(None, 0)]),
        ("insert into scratch values (1)\nreturning *", [(1, 1)]),
        ("insert into scratch values (' returning '::text::int)", "22P02"),
        ("with x as (insert into scratch values (1) returning 1) select * from x", [(None, 1)]),
        ("with x as (select 1) update scratch set a = 2", [(0, None)]),
        ("copy scratch to stdout", [(0, None)]),
        ("copy scratch from stdin", "invalid"),
        ("do $$begin raise notice 'hi'; end$$", [(None, None)]),
        ("listen ch", [(None, None)]),
        ("create table scratch2 as select 1; drop table scratch2", [(1, None), (None, None)]),
        ("declare c cursor for select 1; fetch all from c", [(None, None), (None, 1)]),
        ("truncate scratch", [(None, None)]),
        (
            "create function f1(out a int, out b int) language sql as 'select 1, 2'; drop function f1",
            [(None, None)] * 2,
        ),
    ],
)
async def test_a13_every_kind_of_statement_gives_rows_or_counts(
    plugin: OnServer, statement: str, expected: list[tuple[int | None, int | None]] | str
) -> None:
    plugin.server.run("create table scratch (a int)")
    try:
        result = await plugin.call("query", statement=statement, mode="write")
    except OperationError as exc:
        assert expected in (exc.facts.get("sqlstate"), exc.code)
    else:
        sets = result["resultSets"]
        assert [(one.get("rowsAffected"), one["rowCount"] if one["hasRows"] else None) for one in sets] == expected
    finally:
        plugin.server.run("drop table scratch")


async def test_notices_belong_to_their_statement(plugin: OnServer) -> None:
    text = "do $$begin raise notice 'one'; end$$; select 1; do $$begin raise warning 'two'; end$$"
    result = await plugin.call("query", statement=text, mode="write")
    told = [[(n["severity"], n["message"]) for n in one.get("notices", [])] for one in result["resultSets"]]
    assert told == [[("NOTICE", "one")], [], [("WARNING", "two")]]


async def test_a14_a_query_of_50_million_rows_stops_after_its_limit(each_plugin: OnServer) -> None:
    await each_plugin.rows("select 1")
    before, started = memory_bytes(), time.monotonic()
    result = await each_plugin.call("query", statement="select generate_series(1, 50000000)", rowLimit=1000)
    assert time.monotonic() - started < 2
    assert (result["rowCount"], result["resultSets"][0]["truncated"]) == (1000, True)
    assert memory_bytes() - before < 64 * MIB
    wait_until_none(each_plugin.server, OWN_ACTIVE, timeout_s=1)


async def test_a14_statements_after_a_stopped_one_still_run(plugin: OnServer) -> None:
    text = "select generate_series(1, 50000000); select 2; select generate_series(1, 50000000); select 4"
    result = await plugin.call("query", statement=text, rowLimit=3)
    assert [one["rowCount"] for one in result["resultSets"]] == [3, 1, 3, 1]
    assert [one.get("truncated", False) for one in result["resultSets"]] == [True, False, True, False]


async def test_exactly_as_many_rows_as_the_limit_is_not_truncated(plugin: OnServer) -> None:
    for count in (31, 32, 33, 64):
        result = await plugin.call("query", statement=f"select generate_series(1, {count})", rowLimit=count)
        assert result["rowCount"] == count
        assert "truncated" not in result["resultSets"][0]
        assert result["resultSets"][0]["command"] == f"SELECT {count}"


async def test_write_mode_drains_a_select_that_writes(plugin: OnServer) -> None:
    plugin.server.run(
        "create table log (a int); create function note(i int) returns int language sql volatile as "
        "'insert into log values (i) returning a'"
    )
    statement = "select note(i) from generate_series(1, 200) i"
    result = await plugin.call("query", statement=statement, mode="write", rowLimit=5)
    assert (result["rowCount"], result["resultSets"][0]["truncated"]) == (5, True)
    assert plugin.server.run("select count(*) from log") == [(200,)]
    plugin.server.run("drop function note; drop table log")


async def test_a_response_stays_below_8_mib(plugin: OnServer) -> None:
    text = "select repeat('x', 1000) from generate_series(1, 50000)"
    result = await plugin.call("query", statement=f"{text}; {text}; {text}", rowLimit=50_000)
    assert len(json.dumps(result)) < 8 * MIB
    assert all(one["truncated"] for one in result["resultSets"])
    assert result["resultSets"][0]["rowCount"] > 1000


async def test_a_text_beyond_all_reason_is_refused(plugin: OnServer) -> None:
    with pytest.raises(InvalidParams, match="longer than 1000000 characters"):
        await plugin.call("query", statement=f"select '{'x' * 1_000_000}'")


async def test_long_cells_are_cut_and_counted(plugin: OnServer) -> None:
    result = await plugin.call("query", statement="select repeat('é', 100000) as a, 'short' as b")
    assert len(result["rows"][0]["a"].encode()) == 64 * 1024
    assert result["resultSets"][0]["truncatedCells"] == 1


async def test_a17_query_cancel_stops_a_query_of_the_same_user_and_item(plugin: OnServer) -> None:
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(fails(plugin, "select pg_sleep(50)", queryId="q1"))
        await until_active(plugin)
        with pytest.raises(NotFound):
            await plugin.call("query-cancel", queryId="q1", caller="somebody else")
        with pytest.raises(Conflict, match="running already"):
            await plugin.call("query", statement="select 1", queryId="q1")
        started = time.monotonic()
        assert await plugin.call("query-cancel", queryId="q1") == {"queryId": "q1", "cancelled": True}
        exc = await slow
    assert time.monotonic() - started < 1
    assert (exc.facts["sqlstate"], exc.facts["reason"]) == ("57014", "cancelled")
    # Its connection is not kept: the cancel request might still hit whoever used it next.
    await asyncio.to_thread(wait_until_none, plugin.server, OWN_BACKENDS)
    with pytest.raises(NotFound):
        await plugin.call("query-cancel", queryId="q1")


async def test_a18_the_servers_time_limit_ends_a_statement(each_plugin: OnServer) -> None:
    started = time.monotonic()
    with pytest.raises(TargetTimeout, match="500 ms") as caught:
        await each_plugin.call("query", statement="select pg_sleep(5)", statementTimeoutMs=500)
    assert time.monotonic() - started < 1.5
    assert caught.value.facts["sqlstate"] == "57014"


async def test_a18_a_later_statement_of_a_batch_has_the_same_limit(plugin: OnServer) -> None:
    with pytest.raises(TargetTimeout) as caught:
        await plugin.call("query", statement="select 1; select pg_sleep(5)", statementTimeoutMs=300)
    assert caught.value.facts["statementIndex"] == 1


async def test_a18_a_function_cannot_lift_the_limit_of_the_next_statement(plugin: OnServer) -> None:
    plugin.server.run(
        "create function lift() returns text language sql volatile as "
        "$$select set_config('statement_timeout', '0', false)$$"
    )
    try:
        with pytest.raises(TargetTimeout):
            await plugin.call("query", statement="select lift(); select pg_sleep(5)", statementTimeoutMs=300)
    finally:
        plugin.server.run("drop function lift")


async def test_a18_a_client_that_leaves_ends_its_query(each_plugin: OnServer) -> None:
    call = asyncio.ensure_future(each_plugin.call("query", statement="select pg_sleep(50)"))
    await until_active(each_plugin)
    call.cancel()
    await asyncio.wait([call])
    wait_until_none(each_plugin.server, OWN_ACTIVE, timeout_s=2)


async def test_a18_a_stream_that_is_closed_ends_its_query(each_plugin: OnServer) -> None:
    params = {"statement": "select generate_series(1, 100000000) as i", "rowLimit": 1_000_000}
    stream = cast("AsyncGenerator[Any, None]", each_plugin.harness.stream("query-stream", params, item_id=ITEM))
    async with aclosing(stream) as lines:
        assert (await anext(lines))["type"] == "set"
        assert await anext(lines) == [1]
    wait_until_none(each_plugin.server, OWN_ACTIVE, timeout_s=2)


async def test_a21_errors_point_into_the_whole_text(each_plugin: OnServer) -> None:
    text = "-- first\nselect 1;\n/* second */ select nme\nfrom customers"
    with pytest.raises(InvalidParams) as caught:
        await each_plugin.call("query", statement=text)
    facts = caught.value.facts
    assert (facts["sqlstate"], facts["statementIndex"]) == ("42703", 1)
    assert (facts["line"], facts["column"], facts["position"]) == (3, 21, text.index("nme") + 1)
    assert caught.value.message == 'column "nme" does not exist'


async def test_a21_a_misspelt_keyword_is_at_line_1_column_1(plugin: OnServer) -> None:
    for mode in ("read", "write"):
        with pytest.raises(InvalidParams) as caught:
            await plugin.call("query", statement="selec 1", mode=mode)
        assert (caught.value.facts["line"], caught.value.facts["column"], caught.value.http_status) == (1, 1, 400)


async def test_a21_constraint_errors_name_what_they_are_about(plugin: OnServer) -> None:
    with pytest.raises(InvalidParams) as caught:
        await plugin.call("query", statement="insert into orders(total) values (-1)", mode="write")
    facts = caught.value.facts
    assert (facts["sqlstate"], facts["table"], facts["constraint"]) == ("23514", "orders", "orders_total_check")


async def test_errors_as_result_keep_the_sets_before_the_error(plugin: OnServer) -> None:
    result = await plugin.call("query", statement="select 1; select nme", errorsAsResult=True)
    assert result["error"]["sqlstate"] == "42703"
    assert result["error"]["statementIndex"] == 1
    assert len(result["resultSets"]) == 1


async def test_a23_odd_values_do_not_fail_and_are_not_lost(each_plugin: OnServer) -> None:
    text = """select 'NaN'::float8, '-Infinity'::float4, 'Infinity'::numeric::text, 1 as a, 2 as a,
        9007199254740993::int8, 9007199254740991::int8, '\\x00ff'::bytea, '0044-03-15 BC'::date,
        'infinity'::timestamp, '24:00:00'::time,
        '1 year 2 mons'::interval, 'NaN'::numeric, '10000-01-01'::date,
        '2024-01-01 12:00:00+05:30'::timestamptz"""
    if each_plugin.server.major < 14:
        text = text.replace("'Infinity'::numeric::text", "'Infinity'")
    expected = ["NaN", "-Infinity", "Infinity", 1, 2, "9007199254740993", 9007199254740991, "\\x00ff"]
    expected += ["-0043-03-15T00:00:00Z", "infinity", "24:00:00", "1 year 2 mons", "NaN", "10000-01-01T00:00:00Z"]
    assert await each_plugin.rows(text) == [[*expected, "2024-01-01T06:30:00Z"]]


async def test_a23_a_text_of_100_mb_does_not_fail(plugin: OnServer) -> None:
    result = await plugin.call("query", statement="select repeat('x', 100000000) as a")
    assert len(result["rows"][0]["a"]) == 64 * 1024


async def test_a23_a_byte_that_is_no_text_is_replaced(each_plugin: OnServer) -> None:
    shown = "\ufffd" if each_plugin.server.major < 14 else "\\351"
    rows = await each_plugin.rows('select (-23)::"char", 1, 1.5::float8, true, null, 9007199254740993')
    assert rows == [[shown, 1, 1.5, True, None, "9007199254740993"]]


async def test_read_mode_refusals_can_be_results_too(plugin: OnServer) -> None:
    result = await plugin.call("query", statement="select 1;\n drop table orders", errorsAsResult=True)
    assert (result["error"]["reason"], result["error"]["line"], result["error"]["column"]) == ("read_mode", 2, 2)


async def test_a23_a_timezone_of_ones_own_keeps_its_offset(plugin: OnServer) -> None:
    result = await plugin.call(
        "query", statement="set timezone = 'Asia/Kolkata'; select '2024-01-01 00:00:00+00'::timestamptz as t"
    )
    assert result["rows"] == [{"t": "2024-01-01T05:30:00+05:30"}]


async def test_stream_has_head_rows_trailer_and_end(plugin: OnServer) -> None:
    lines = await plugin.lines(statement="select 1 as a, null as b; set work_mem = '8MB'", rowLimit=10)
    for line in lines:
        if isinstance(line, dict):
            line.pop("durationMs", None)
    columns = [{"name": "a", "type": "INT4"}, {"name": "b", "type": "TEXT"}]
    plain = {"truncated": False, "truncatedCells": 0, "notices": []}
    assert lines == [
        {"type": "set", "index": 0, "statement": "select 1 as a, null as b", "columns": columns},
        [1, None],
        {"type": "end", "index": 0, "rowCount": 1, "command": "SELECT 1", **plain},
        {"type": "set", "index": 1, "statement": "set work_mem = '8MB'", "columns": None},
        {"type": "end", "index": 1, "rowCount": 0, "command": "SET", **plain},
        {"type": "done", "mode": "read", "database": ""},
    ]


async def test_stream_reports_a_failure_behind_what_it_has_sent(plugin: OnServer) -> None:
    got: list[Any] = []
    with pytest.raises(InvalidParams, match="division by zero"):
        async for line in plugin.harness.stream(
            "query-stream", {"statement": "select 10 / (2 - i) from generate_series(1, 2) i"}, item_id=ITEM
        ):
            got.append(line)
    assert got == [] or got[0]["type"] == "set"


async def test_stream_runs_what_cannot_run_in_a_transaction(each_plugin: OnServer) -> None:
    with pytest.raises(InvalidParams, match="run it by query-stream"):
        await each_plugin.call("query", statement="vacuum customers", mode="write")
    with pytest.raises(InvalidParams, match="run it alone"):
        await each_plugin.lines(statement="vacuum customers; select 1", mode="write")
    lines = await each_plugin.lines(statement="vacuum customers", mode="write")
    assert lines[1]["command"] == "VACUUM"
    lines = await each_plugin.lines(statement="create index concurrently scratch_index on orders (note)", mode="write")
    assert lines[1]["command"] == "CREATE INDEX"
    each_plugin.server.run("drop index scratch_index")


async def test_stream_of_50000_rows_is_fast_and_small(plugin: OnServer) -> None:
    columns = "i, i::text || 'abc', i * 1.5::float8, now(), i::numeric, i % 2 = 0, 'x', i::bigint, null, md5(i::text)"
    params = {"statement": f"select {columns} from generate_series(1, 50000) i", "rowLimit": 50_000}
    await plugin.rows("select 1")
    before, started, count, first_s = memory_bytes(), time.monotonic(), 0, math.inf
    async for line in plugin.harness.stream("query-stream", params, item_id=ITEM):
        if isinstance(line, list):
            first_s = min(first_s, time.monotonic() - started)
            count += 1
    assert count == 50_000
    assert first_s < 0.3
    assert memory_bytes() - before < 64 * MIB


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"statement": 5}, "statement"),
        ({"statement": "select 1", "rowLimit": 50_001}, "rowLimit"),
        ({"statement": "select 1", "rowLimit": "many"}, "rowLimit"),
        ({"statement": "select 1", "mode": "admin"}, "mode"),
        ({"statement": "select 1", "statementTimeoutMs": 55_001}, "statementTimeoutMs"),
        ({"statement": "select 1", "nonsense": 1}, "nonsense"),
        ({}, "statement"),
        ({"statement": "  "}, "statement"),
    ],
)
async def test_bad_params_are_answered_with_the_field(plugin: OnServer, params: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        await plugin.call("query", **params)
    assert caught.value.facts["field"] == field


async def fails(plugin: OnServer, statement: str, **params: Any) -> OperationError:
    """Return the error that a query ends in."""
    with pytest.raises(OperationError) as caught:
        await plugin.call("query", statement=statement, **params)
    return caught.value


async def until_active(plugin: OnServer) -> None:
    """Wait until the server runs the query."""
    await asyncio.to_thread(wait_until_none, plugin.server, NOT_YET_SLEEPING)
