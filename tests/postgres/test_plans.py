"""Plans: asked for safely, read into a tree whose times add up, judged; pasted ones as JSON and as text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from mc_postgres.plans.reading import read_plan
from mc_postgres.plans.text import parse_text_plan
from mc_sdk import Conflict, Forbidden, InvalidParams, OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import SCRATCH, OnServer, plugin_on, plugin_on_scratch, scratch_on, wait_until_none

TABLES = """
    create table big (id int primary key, grp int, same int, note text);
    insert into big select i, i % 100, i / 100, md5(i::text) from generate_series(1, 200000) i;
    create table small (id int primary key, name text);
    insert into small select i, 'n' || i from generate_series(1, 1000) i;
    analyze
"""
SIX_NODES = """
    with recent as materialized (select * from big where id > (select min(id) from big where grp = 3))
    select s.name, count(*), (select count(*) from small) from recent r join small s on s.id = r.same
    group by s.name order by 2
"""


@pytest.fixture
def filled(each_server: PostgresServer) -> Iterator[PostgresServer]:
    """A database with a large and a small table."""
    with scratch_on(each_server, TABLES):
        yield each_server


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all nodes."""
    yield node
    for child in node["children"]:
        yield from walk(child)


def flagged(result: dict[str, Any], flag: str) -> list[str]:
    """Return the types of the nodes with a flag."""
    return [node["nodeType"] for node in walk(result["tree"]) if flag in node["flags"]]


async def test_a24_self_times_add_up(filled: PostgresServer) -> None:
    async with plugin_on_scratch(filled) as plugin:
        await plugin.call("explain", statement=SIX_NODES, analyze=True)  # the first run loads the cache
        result = await plugin.call("explain", statement=SIX_NODES, analyze=True)
    nodes = list(walk(result["tree"]))
    assert len(nodes) >= 6
    assert {"CTE Scan", "Aggregate", "Seq Scan"} <= {node["nodeType"] for node in nodes}
    total = sum(node["selfTimeMs"] for node in nodes)
    assert total == pytest.approx(result["tree"]["timeMs"], rel=0.05)
    assert total <= result["executionMs"]
    assert flagged(result, "slowest")


async def test_a24_self_times_of_parallel_workers_add_up(filled: PostgresServer) -> None:
    settings = "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0"
    filled.run(f"alter database {SCRATCH} {settings.split(';')[0]}")
    for setting in settings.split(";"):
        filled.run(f"alter database {SCRATCH} {setting.strip()}")
    statement = "select grp, count(*) from big where note like '%a%' group by grp"
    async with plugin_on_scratch(filled) as plugin:
        result = await plugin.call("explain", statement=statement, analyze=True)
    nodes = list(walk(result["tree"]))
    gather = [node for node in nodes if node["nodeType"].startswith("Gather")]
    assert gather
    assert gather[0]["workersPlanned"] >= 1
    assert sum(node["selfTimeMs"] for node in nodes) == pytest.approx(result["tree"]["timeMs"], rel=0.05)


async def test_a24_spills_misestimates_and_filters_are_flagged(filled: PostgresServer) -> None:
    filled.run(f"alter database {SCRATCH} set work_mem = '64kB'")
    async with plugin_on_scratch(filled) as plugin:
        sort = await plugin.call("explain", statement="select * from big order by note", analyze=True)
        assert flagged(sort, "spill") == ["Sort"]
        assert "external_sort" in {one["kind"] for one in sort["findings"]}
        where = "grp = 7 and note > '' and (id + same) % 200000 = 12345"
        scan = await plugin.call("explain", statement=f"select * from big where {where}", analyze=True)
        assert "filtered" in {flag for node in walk(scan["tree"]) for flag in node["flags"]}
        skewed = "select * from big where (id * 0) = 0"
        estimate = await plugin.call("explain", statement=skewed, analyze=True)
        assert flagged(estimate, "misestimate")
        finding = next(one for one in estimate["findings"] if one["kind"] == "misestimate")
        assert finding["severity"] == "critical"


async def test_a24_analyze_leaves_no_trace(filled: PostgresServer) -> None:
    statement = "insert into small select i, 'x' from generate_series(5001, 5010) i returning id"
    async with plugin_on_scratch(filled) as plugin:
        result = await plugin.call("explain", statement=statement, analyze=True)
        assert result["rolledBack"]
        assert result["tree"]["rowsActual"] == 10
        assert "sequences" in result["warnings"][0]
    assert filled.run("select count(*) from small", SCRATCH) == [(1000,)]
    async with plugin_on_scratch(filled, roles=()) as plugin:
        with pytest.raises(Forbidden, match="role 'write'"):
            await plugin.call("explain", statement=statement, analyze=True)
        assert (await plugin.call("explain", statement="select 1", analyze=True))["executionMs"] >= 0
        assert (await plugin.call("explain", statement=statement))["tree"]["nodeType"] == "ModifyTable"


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("select 1; drop table orders", "one statement at a time"),
        ("analyze orders", "ANALYZE statements have no plan"),
        ("explain select 1", "EXPLAIN statements have no plan"),
        ("vacuum", "VACUUM statements have no plan"),
        ("select pg_reload_conf()", "does not call pg_reload_conf"),
        ("  -- nothing", "statement is required"),
        ("select nme from orders", 'explain: column "nme" does not exist'),
        ("select 1) select (2", "explain: syntax error"),
    ],
)
async def test_explain_refuses(plugin: OnServer, statement: str, text: str) -> None:
    for analyze in (False, True):
        with pytest.raises(OperationError) as caught:
            await plugin.call("explain", statement=statement, analyze=analyze)
        assert text in caught.value.message


async def test_an_error_is_placed_in_the_text_that_was_sent(plugin: OnServer) -> None:
    with pytest.raises(InvalidParams) as caught:
        await plugin.call("explain", statement="/* x */ select\n nme from orders")
    assert (caught.value.facts["line"], caught.value.facts["column"]) == (2, 2)


async def test_a_statement_with_parameters_has_a_generic_plan(each_plugin: OnServer) -> None:
    for _ in range(2):  # nothing of the first is in the way of the second
        result = await each_plugin.call("explain", statement="select * from orders where customer = $1 and id = $2")
        assert result["generic"]
        assert "$1" in result["plan"]
    with pytest.raises(OperationError, match="cannot be run"):
        await each_plugin.call("explain", statement="select * from orders where id = $1", analyze=True)
    assert await each_plugin.rows("select count(*) from pg_prepared_statements") == [[0]]


async def test_text_format_and_timeouts(plugin: OnServer) -> None:
    result = await plugin.call("explain", statement="select * from orders", format="text")
    assert result["plan"].startswith("Seq Scan on orders")
    with pytest.raises(OperationError) as caught:
        await plugin.call("explain", statement="select pg_sleep(9)", analyze=True, statementTimeoutMs=200)
    assert caught.value.facts["sqlstate"] == "57014"


async def test_a_plan_read_from_text_is_the_one_read_from_json(filled: PostgresServer) -> None:
    statement = SIX_NODES
    async with plugin_on_scratch(filled) as plugin:
        as_json = await plugin.call("explain", statement=statement)
        text = (await plugin.call("explain", statement=statement, format="text"))["plan"]
        read = await plugin.call("plan-read", plan=text)
        again = await plugin.call("plan-read", plan=as_json["plan"])
    shape = [(node["nodeType"], node["cost"], node.get("relation")) for node in walk(as_json["tree"])]
    assert [(node["nodeType"], node["cost"], node.get("relation")) for node in walk(read["tree"])] == shape
    assert again["tree"] == as_json["tree"]


async def test_a_pasted_plan_of_psql_is_read(filled: PostgresServer) -> None:
    with filled.connect(database=SCRATCH) as client:
        rows = client.execute(f"explain (analyze, buffers) {SIX_NODES}".encode()).fetchall()
    lines = [str(row[0]) for row in rows]
    width = max(map(len, lines))
    pasted = "\n".join(["QUERY PLAN".center(width), "-" * width, *lines, f"({len(lines)} rows)"])
    result = read_plan(pasted)
    assert result.tree is not None
    assert result.execution_ms is not None
    assert result.tree.time_ms is not None


@pytest.mark.parametrize("text", ["", "hello", "[]", "{}", '[{"Plan": 5}]', "[" * 100_000, '{"a": NaN}', "->  ("])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(InvalidParams):
        read_plan(text)


def test_a_plan_that_is_too_deep_is_refused() -> None:
    text = '{"Node Type": "Limit", "Plans": [' * 300 + "]}" * 300
    with pytest.raises(InvalidParams, match="deep"):
        read_plan(f'[{{"Plan": {text}}}]')


def test_text_of_spills_is_understood() -> None:
    text = """
Sort  (cost=1.0..2.0 rows=10 width=4) (actual time=0.010..0.020 rows=10 loops=1)
  Sort Key: a
  Sort Method: external merge  Disk: 2048kB
  Buffers: shared hit=5 read=2, temp read=256 written=257
  ->  Hash Left Join  (cost=0.0..1.0 rows=10 width=4) (actual time=0.005..0.009 rows=10 loops=1)
        Hash Cond: (a = b)
        ->  Index Scan using i on public.t x  (cost=0.0..0.5 rows=10 width=4) (never executed)
"""
    raw = parse_text_plan(text)["Plan"]
    assert isinstance(raw, dict)
    assert (raw["Sort Space Type"], raw["Temp Written Blocks"]) == ("Disk", 257)
    result = read_plan(text)
    assert result.tree is not None
    assert "spill" in result.tree.flags
    leaf = result.tree.children[0].children[0]
    assert (leaf.index, leaf.relation, leaf.schema, leaf.alias, leaf.flags) == (
        "i",
        "t",
        "public",
        "x",
        ["never_executed"],
    )


async def test_a_query_id_can_be_cancelled(plugin: OnServer) -> None:
    call = asyncio.ensure_future(plugin.call("explain", statement="select pg_sleep(50)", analyze=True, queryId="q"))
    active = "select 1 - count(*) from pg_stat_activity where query like '%pg_sleep(50)%' and wait_event = 'PgSleep'"
    await asyncio.to_thread(wait_until_none, plugin.server, active)
    assert (await plugin.call("query-cancel", queryId="q"))["cancelled"]
    with pytest.raises(Conflict):
        await call


async def test_plain_roles_may_ask_for_plans(server: PostgresServer) -> None:
    async with plugin_on(server, user="plain") as plugin:
        assert (await plugin.call("explain", statement="select 1"))["tree"]["nodeType"] == "Result"
