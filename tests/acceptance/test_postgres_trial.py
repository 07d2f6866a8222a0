"""The postgres plugin as a new user meets it: one look at a database in trouble; who may do what; what is noted."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import wait_until_none
from tests.fixtures.fix_stack import Stack

PLUGIN = Path(__file__).resolve().parents[2] / "plugins" / "postgres" / "Plugin.yaml"
TROUBLE = (
    "create table events (id int primary key, pad text) with (autovacuum_enabled = off)",
    "insert into events select i, repeat('x', 200) || i from generate_series(1, 100000) i",
    "delete from events where id % 20 <> 0",
    "create table customer (id int primary key)",
    "insert into customer select generate_series(1, 1000)",
    "create table purchase (id bigint, customer int references customer, pad text)",
    "insert into purchase select i, i % 1000 + 1, repeat('y', 100) from generate_series(1, 30000) i",
    "create procedure burn() language plpgsql as "
    "$$ begin for i in 1..120000 loop perform txid_current(); commit; end loop; end $$",
    "call burn()",
    "analyze",
)
LONG_BLOCKED = """
    select 2 - count(*) from pg_stat_activity
    where wait_event_type = 'Lock' and state_change < now() - interval '11 s'
"""


def test_each_problem_of_a_troubled_database_is_named_by_the_first_look(tmp_path: Path, postgres_zipapp: Path) -> None:
    with PostgresServer(16, settings={"autovacuum_freeze_max_age": 100_000}) as server:
        for statement in TROUBLE:
            server.run(statement)
        with (
            server.connect(application="report") as reader,
            server.connect(application="migration") as migration,
            server.connect(application="web") as web,
            Stack(tmp_path / "host", postgres_zipapp, server) as stack,
        ):
            pid = str(reader.info.backend_pid)
            reader.execute("begin; select count(*) from customer")
            migration.pgconn.send_query(b"alter table customer add column vip boolean")
            wait_until_none(server, "select 1 - count(*) from pg_locks where not granted")
            web.pgconn.send_query(b"select * from customer where id = 1")
            wait_until_none(server, LONG_BLOCKED, timeout_s=20)
            shown = stack.cli("postgres", "overview", "--config-id", "app-db", "--json")
            calm = stack.cli("postgres", "overview", "--config-id", "app-db", "--json", "--no-exit-code")
            reader.execute("rollback")
            for client in (migration, web):
                client.pgconn.finish()
    assert shown.returncode in (1, 2), shown.stderr
    found = json.loads(shown.stdout)
    assert shown.returncode == found["exit"] and calm.returncode == 0
    titles = {kind: named(found, kind) for kind in ("blocked", "bloat", "missing_index", "wraparound")}
    assert pid in titles["blocked"] and "2 sessions" in titles["blocked"]
    assert "public.events" in titles["bloat"]
    assert "public.purchase" in titles["missing_index"]
    assert "database app" in titles["wraparound"]


def named(found: Any, kind: str) -> str:
    """Return the titles of the urgent findings of a kind, one line each."""
    return "\n".join(one["title"] for one in found["findings"] if one["kind"] == kind and one["severity"] != "info")


def test_a57_a_forged_role_is_refused_and_a_read_needs_none(stack: Stack) -> None:
    claims = {"sub": "owner", "roles": ["operate", "write"], "pluginID": "x", "exp": int(time.time()) + 60}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    forged = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    for header in ({"X-Flanksource-Plugin-Invocation": f"{forged}.c2ln"}, {"Authorization": f"Bearer {forged}.c2ln"}):
        path = f"/api/plugins/postgres/invoke/session-terminate?config_id={stack.item('app-db')}&confirm=true"
        assert stack.request(path, {"pid": 1}, **header)[0] == 401
    assert stack.invoke("query", {"statement": "select 1 as one"})[1]["rows"] == [{"one": 1}]


@pytest.fixture
def audited(own_stack: Stack) -> Stack:
    """The whole line with the shipped resource's audit patterns."""
    path = own_stack.config_dir / "app.yaml"
    documents = list(yaml.safe_load_all(path.read_text()))
    [shipped] = [one for one in yaml.safe_load_all(PLUGIN.read_text()) if one["kind"] == "Plugin"]
    documents[0]["spec"]["audit"] = shipped["spec"]["audit"]
    own_stack.stop()
    path.write_text(yaml.safe_dump_all(documents))
    own_stack._ready.clear()
    return own_stack


def test_the_sql_of_a_query_is_in_the_items_record_and_its_password_is_not(audited: Stack) -> None:
    with audited as stack:
        item = stack.item("app-db")
        statement = "select 'sentinel-4711' as audited"
        assert stack.invoke("query", {"statement": statement})[0] == 200
        assert stack.invoke("query", {"statement": "select nothing_there"})[0] == 400
        assert stack.invoke("stats")[0] == 200
        status, rows = stack.request(f"/api/catalog/items/{item}/changes")
    assert status == 200
    assert {row["summary"] for row in rows} == {"postgres.query"}
    details = [row["details"] for row in rows]
    assert {"statement": statement} in [one["request"]["body"] for one in details]
    failed = next(one for one in details if "error" in one)
    assert failed["request"]["body"] == {"statement": "select nothing_there"}
