"""From the terminal and over HTTP to a real database and back through the packaged plugin, and what breaks there."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fixtures.fix_stack import Stack

OWN_BACKENDS = "select count(*) from pg_stat_activity where application_name = 'mission-control-postgres'"


def eventually(check: Callable[[], Any], what: str, timeout_s: float) -> float:
    """Return the seconds it took until `check` was true."""
    started = time.monotonic()
    while not check():
        assert time.monotonic() - started < timeout_s, f"not within {timeout_s:g} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - started


def is_gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has waited for yet is a zombie, and has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_cli_shows_the_same_sessions_as_http_and_json_is_verbatim(stack: Stack) -> None:
    with stack.server.connect("mon", application="visible-in-both") as client:
        client.execute("begin")
        client.execute("select 1")
        table = stack.cli("postgres", "sessions-list", "--config-id", "app-db")
        plain = stack.cli("postgres", "sessions-list", "--config-id", stack.item("app-db"), "--json")
        status, rows = stack.invoke("sessions-list")
        client.execute("rollback")
    assert table.returncode == 0, table.stderr
    assert "visible-in-both" in table.stdout
    assert "idle in transaction" in table.stdout
    pids = {row["pid"] for row in rows if row["applicationName"] == "visible-in-both"}
    assert status == 200
    assert pids
    assert pids <= {row["pid"] for row in json.loads(plain.stdout)}


def test_cli_help_comes_from_the_manifest_cache_without_a_host(own_stack: Stack) -> None:
    own_stack.stop()
    shown = own_stack.cli("postgres", "--help")
    assert shown.returncode == 0
    assert "sessions-list" in shown.stdout
    one = own_stack.cli("postgres", "sessions-list", "--help")
    assert "--config-id" in one.stdout
    assert "includeIdle" in one.stdout or "include-idle" in one.stdout


def test_cli_runs_an_operation_without_a_running_host(own_stack: Stack) -> None:
    own_stack.stop()
    ran = own_stack.cli(
        "postgres", "query", "--config-id", "app-db", "--param", "statement=select 40 + 2 as n", "--json"
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["rows"] == [{"n": 42}]


def test_bad_params_are_400_with_the_fields_name(stack: Stack) -> None:
    for params, field in (
        ({"statement": 5}, "statement"),
        ({}, "statement"),
        ({"statement": "select 1", "rowLimit": 10**9}, "rowLimit"),
        ({"statement": "select 1", "colour": "red"}, "colour"),
    ):
        status, body = stack.invoke("query", params)
        assert (status, body["code"], body["facts"]["field"]) == (400, "invalid", field)
    status, body = stack.request(f"/api/plugins/postgres/invoke/query?config_id={stack.item('app-db')}", [1])
    assert (status, body["code"]) == (400, "invalid")


def test_sql_error_reaches_http_with_sqlstate_and_position(stack: Stack) -> None:
    status, body = stack.invoke("query", {"statement": "-- where\nselect nme from pg_class"})
    assert (status, body["code"]) == (400, "invalid")
    assert body["facts"]["sqlstate"] == "42703"
    assert (body["facts"]["line"], body["facts"]["column"]) == (2, 8)


def test_l7_killed_host_takes_plugin_and_its_backends_with_it(own_stack: Stack) -> None:
    plugin = own_stack.plugin_pid()
    failed: list[Any] = []

    def long_query() -> None:
        try:
            failed.append(own_stack.invoke("query", {"statement": "select pg_sleep(50)"}))
        except OSError as exc:
            failed.append(exc)

    caller = threading.Thread(target=long_query)
    caller.start()
    busy = "select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep(50)%'"
    eventually(lambda: own_stack.server.run(busy) == [(1,)], "the query runs", 10)
    os.kill(own_stack.host_pid, signal.SIGKILL)
    eventually(lambda: is_gone(plugin), "the plugin is gone", 2)
    eventually(lambda: own_stack.server.run(OWN_BACKENDS) == [(0,)], "its backends are gone", 2)
    caller.join(10)
    assert isinstance(failed[0], OSError)


def test_plugin_killed_during_an_invocation_is_said_and_the_next_call_works(own_stack: Stack) -> None:
    answers: list[tuple[int, Any]] = []
    caller = threading.Thread(
        target=lambda: answers.append(own_stack.invoke("query", {"statement": "select pg_sleep(50)"}))
    )
    caller.start()
    busy = "select count(*) from pg_stat_activity where state = 'active' and query like 'select pg_sleep(50)%'"
    eventually(lambda: own_stack.server.run(busy) == [(1,)], "the query runs", 10)
    os.kill(own_stack.plugin_pid(), signal.SIGKILL)
    caller.join(20)
    [(status, body)] = answers
    assert status >= 500
    assert "postgres" in body["error"]
    assert own_stack.invoke("query", {"statement": "select 1 as one"})[0] == 200


def test_l3_stopping_the_host_leaves_no_process_and_no_backend(own_stack: Stack) -> None:
    plugin = own_stack.plugin_pid()
    assert own_stack.invoke("stats")[0] == 200
    started = time.monotonic()
    assert own_stack.stop() == 0
    assert time.monotonic() - started < 5
    assert is_gone(plugin)
    eventually(lambda: own_stack.server.run(OWN_BACKENDS) == [(0,)], "its backends are gone", 2)


def test_a14_huge_result_over_the_stream_stops_early_and_leaves_nothing_running(stack: Stack) -> None:
    started = time.monotonic()
    status, body = stack.invoke("query", {"statement": "select generate_series(1, 50000000)", "rowLimit": 1000})
    assert status == 200
    assert (len(body["rows"]), body["resultSets"][0]["truncated"]) == (1000, True)
    assert time.monotonic() - started < 2
    running = "state = 'active' and query like '%50000000%' and pid <> pg_backend_pid()"
    active = f"select count(*) from pg_stat_activity where {running}"
    eventually(lambda: stack.server.run(active) == [(0,)], "the server has stopped", 1)
