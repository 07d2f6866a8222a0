"""Sessions: who sees what, who blocks whom, and whom a signal may hit."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from mc_postgres.dsn import APPLICATION_NAME, connect_params, parse_connection
from mc_postgres.operations.sessions import SignalParams, SignalTarget, has_worked, judge_signal
from mc_postgres.processes import is_local, read_processes
from mc_postgres.sessions import SessionRow, SessionsListParams, choose_sessions, is_wanted
from mc_sdk import Forbidden, InvalidParams, OperationError
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import OnServer, plugin_on, wait_until_none

Client = psycopg.Connection[Any]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clients(each_server: PostgresServer) -> Iterator[list[Client]]:
    """Three sessions: a holder of a row, one that waits for it, an idle one of role plain."""
    with ExitStack() as stack:
        holder = stack.enter_context(each_server.connect(application="holder"))
        waiter = stack.enter_context(each_server.connect(application="waiter"))
        idle = stack.enter_context(each_server.connect("plain", application="idler"))
        idle.execute("select 'idle one'")
        holder.execute("begin; update orders set note = note where id = 1")
        waiter.pgconn.send_query(b"update orders set note = note where id = 1 /* waits */")
        waiting = (
            "select 1 - count(*) from pg_stat_activity where application_name = 'waiter' and wait_event_type = 'Lock'"
        )
        wait_until_none(each_server, waiting)
        yield [holder, waiter, idle]
        stack.callback(holder.pgconn.finish)
        stack.callback(waiter.pgconn.finish)


@pytest.fixture
async def as_plain(each_server: PostgresServer) -> AsyncIterator[OnServer]:
    """The plugin as a role without any rights."""
    async with plugin_on(each_server, user="plain") as found:
        yield found


def pid_of(client: Client) -> int:
    """Return the backend's process id."""
    return client.info.backend_pid


async def by_application(plugin: OnServer, **params: Any) -> dict[str, dict[str, Any]]:
    """Return the sessions by application name."""
    rows = await plugin.call("sessions-list", includeIdle=True, **params)
    return {row.get("applicationName", ""): row for row in rows}


async def test_sessions_show_who_blocks_whom(each_plugin: OnServer, clients: list[Client]) -> None:
    found = await by_application(each_plugin)
    holder, waiter = found["holder"], found["waiter"]
    assert waiter["blockedBy"] == [pid_of(clients[0])]
    assert holder["blocks"] == [pid_of(clients[1])]
    assert (waiter["waitEventType"], waiter["waitEvent"]) == ("Lock", "transactionid")
    assert waiter["waitDescription"]
    assert holder["state"] == "idle in transaction"
    assert holder["backendType"] == "client backend"
    assert holder["xactAgeMs"] >= 0
    assert holder["canSignal"]
    assert holder["visible"]
    assert "mission-control-postgres" not in found


async def test_sessions_are_filtered(each_plugin: OnServer, clients: list[Client]) -> None:
    async def names(**params: Any) -> set[str]:
        rows = await each_plugin.call("sessions-list", **params)
        return {row.get("applicationName", "") for row in rows if row["backendType"] == "client backend"}

    assert await names() == {"holder", "waiter"}
    assert await names(includeIdle=True) == {"holder", "waiter", "idler"}
    assert await names(states=["idle"]) == {"idler"}
    assert await names(includeIdle=True, user="PLA") == {"idler"}
    assert await names(application="hold") == {"holder"}
    assert await names(search="WAITS") == {"waiter"}
    assert await names(search=str(pid_of(clients[0]))) >= {"holder"}
    assert await names(minDurationMs=3_600_000) == set()
    assert len(await each_plugin.call("sessions-list", includeIdle=True, limit=1)) == 1
    assert await each_plugin.call("sessions-list", includeIdle=True, database="other") == []


async def test_background_processes_are_listed_when_asked_for(each_plugin: OnServer) -> None:
    rows = await each_plugin.call("sessions-list", includeBackground=True)
    assert {"checkpointer", "walwriter"} <= {row["backendType"] for row in rows}
    assert all(
        row["backendType"] != "checkpointer" for row in await each_plugin.call("sessions-list", includeIdle=True)
    )


async def test_a25_a_plain_role_sees_that_there_are_sessions(as_plain: OnServer, clients: list[Client]) -> None:
    rows = {row["pid"]: row for row in await as_plain.call("sessions-list")}
    for client in clients[:2]:
        assert not rows[pid_of(client)]["visible"]
        assert not rows[pid_of(client)]["canSignal"]
    assert rows[pid_of(clients[1])]["blockedBy"] == [pid_of(clients[0])]
    announced = (await as_plain.call("capabilities"))["operations"]["sessions-list"]
    assert (announced["state"], announced["grant"]) == ("degraded", "GRANT pg_read_all_stats TO plain;")


async def test_a25_a_monitoring_role_sees_all_text(each_server: PostgresServer, clients: list[Client]) -> None:
    async with plugin_on(each_server, user="mon") as plugin:
        found = await by_application(plugin)
    assert all(row["visible"] for row in found.values())
    assert "waits" in found["waiter"]["query"]
    assert not found["holder"]["canSignal"]


async def test_a26_a_reused_pid_is_not_hit(each_plugin: OnServer, clients: list[Client]) -> None:
    idle = clients[2]
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    result = await each_plugin.call("session-terminate", pid=pid_of(idle), backendStart=old)
    assert result == {"pid": pid_of(idle), "ok": False, "reason": "changed"}
    assert idle.execute("select 1").fetchone() == (1,)
    row = (await by_application(each_plugin))["idler"]
    result = await each_plugin.call("session-terminate", pid=row["pid"], backendStart=row["backendStart"], waitMs=5000)
    assert result == {"pid": row["pid"], "ok": True}
    with pytest.raises(psycopg.OperationalError):
        idle.execute("select 1")


async def test_cancel_stops_the_query_and_keeps_the_session(each_plugin: OnServer, clients: list[Client]) -> None:
    result = await each_plugin.call("session-cancel", pid=pid_of(clients[1]), waitMs=5000)
    assert result["ok"]
    assert (await by_application(each_plugin))["waiter"]["state"] == "idle"


async def test_a27_what_is_no_client_is_left_alone(each_plugin: OnServer, each_server: PostgresServer) -> None:
    rows = await each_plugin.call("sessions-list", includeBackground=True)
    launcher = next(row["pid"] for row in rows if row["backendType"] == "autovacuum launcher")
    result = await each_plugin.call("session-terminate", pid=launcher)
    assert result == {"pid": launcher, "ok": False, "reason": "not_client"}
    await each_plugin.rows("select 1")
    [(own,)] = each_server.run(
        "select pid from pg_stat_activity where application_name = 'mission-control-postgres' limit 1"
    )
    result = await each_plugin.call("session-terminate", pid=own)
    assert result == {"pid": own, "ok": False, "reason": "not_client"}


async def test_a28_a_plain_role_may_not_signal_a_superuser(as_plain: OnServer, clients: list[Client]) -> None:
    for operation in ("session-cancel", "session-terminate"):
        with pytest.raises(Forbidden) as caught:
            await as_plain.call(operation, pid=pid_of(clients[0]))
        assert caught.value.facts["reason"] == "not_permitted"
    assert clients[0].execute("select 1").fetchone() == (1,)
    assert (await as_plain.call("session-cancel", pid=pid_of(clients[2])))["ok"]


async def test_a57_signals_need_the_role_operate(server: PostgresServer) -> None:
    async with plugin_on(server, roles=("write",)) as plugin:
        with pytest.raises(Forbidden, match="role 'operate'"):
            await plugin.call("session-terminate", pid=999_999)
    async with plugin_on(server, roles=(), settings={"require_roles": False}) as plugin:
        assert (await plugin.call("session-terminate", pid=999_999))["reason"] == "not_found"


@pytest.mark.parametrize("pid", [0, -1])
async def test_a_pid_that_cannot_be_is_invalid(plugin: OnServer, pid: int) -> None:
    with pytest.raises(InvalidParams, match=f"invalid pid {pid}"):
        await plugin.call("session-cancel", pid=pid)


async def test_a_pid_beyond_the_servers_integers_is_nobodys(plugin: OnServer) -> None:
    assert (await plugin.call("session-cancel", pid=2**40))["reason"] == "not_found"


def target(**values: Any) -> SignalTarget:
    """Return a client's session that may be signalled, changed by `values`."""
    plain: dict[str, Any] = {
        "pid": 7,
        "database": "app",
        "backend_start": NOW,
        "backend_type": "client backend",
        "state": "active",
        "query_start": NOW,
        "visible": True,
        "is_own": False,
        "can_signal": True,
    }
    return SignalTarget(**(plain | values))


@pytest.mark.parametrize(
    ("found", "params", "bound", "reason"),
    [
        (None, {}, "", "not_found"),
        (target(), {}, "app", ""),
        (target(backend_type="walsender"), {}, "", "not_client"),
        (target(backend_type="walsender"), {"force": True}, "", ""),
        (target(is_own=True), {}, "", "not_client"),
        (target(), {"backend_start": NOW + timedelta(microseconds=999)}, "", ""),
        (target(), {"backend_start": NOW + timedelta(milliseconds=1)}, "", "changed"),
        (target(backend_start=None), {"backend_start": NOW}, "", "changed"),
    ],
)
def test_judge_signal_decides_whom_to_hit(
    found: SignalTarget | None, params: dict[str, Any], bound: str, reason: str
) -> None:
    assert judge_signal(found, SignalParams(pid=7, **params), bound) == reason


def test_has_worked_knows_a_cancelled_query_from_a_running_one() -> None:
    assert has_worked(target(), None, "terminate")
    assert has_worked(target(), target(backend_start=NOW + timedelta(seconds=1)), "terminate")
    assert not has_worked(target(), target(state="idle"), "terminate")
    assert has_worked(target(), target(state="idle"), "cancel")
    assert has_worked(target(), target(query_start=NOW + timedelta(seconds=1)), "cancel")
    assert not has_worked(target(), target(), "cancel")


def row(pid: int, **values: Any) -> SessionRow:
    """Return an active session, changed by `values`."""
    plain: dict[str, Any] = dict.fromkeys(SessionRow.__struct_fields__)
    plain |= {"pid": pid, "user": "u", "state": "active", "visible": True, "ssl": False, "query_start": NOW}
    return SessionRow(**(plain | values))


def test_sessions_are_ordered_active_first_then_oldest_unknown_last() -> None:
    rows = [row(1, state="idle"), row(2, query_start=None), row(3, query_start=NOW + timedelta(1)), row(4)]
    chosen = choose_sessions(rows, SessionsListParams(include_idle=True), "", {})
    assert [session.pid for session in chosen] == [4, 3, 2, 1]


def test_blockers_are_listed_once_and_prepared_transactions_have_no_pid() -> None:
    [blocked, *_] = choose_sessions([row(1, blocked_by=[5, 0, 5, 3])], SessionsListParams(), "", {})
    assert blocked.blocked_by == (5, 3)


def test_hidden_sessions_are_neither_idle_nor_background() -> None:
    assert is_wanted(row(1, state=None, visible=False), SessionsListParams(), "")
    assert not is_wanted(row(1, state=None, visible=False, user=None), SessionsListParams(), "")


async def test_own_connections_are_not_listed_while_many_look_at_once(each_plugin: OnServer) -> None:
    looks = await asyncio.gather(*(each_plugin.call("sessions-list", includeIdle=True) for _ in range(24)))
    assert [row["query"] for rows in looks for row in rows if row["applicationName"] == APPLICATION_NAME] == []


async def test_console_statement_of_a_colleague_is_listed(each_plugin: OnServer) -> None:
    running = asyncio.create_task(each_plugin.call("query", statement="select pg_sleep(30)", queryId="seen"))
    rows: list[dict[str, Any]] = []
    while not rows:
        found = await each_plugin.call("sessions-list", search="pg_sleep(30)")
        rows = [row for row in found if row["applicationName"] == APPLICATION_NAME]
    await each_plugin.call("query-cancel", queryId="seen")
    with pytest.raises(OperationError):
        await running
    assert rows[0]["state"] == "active"


async def test_what_a_process_uses_is_told_where_the_server_runs_on_this_machine(each_plugin: OnServer) -> None:
    with each_plugin.server.connect(application="busy") as client:
        client.pgconn.send_query(b"select count(*) from generate_series(1, 2000000000)")
        limit = time.monotonic() + 10
        use: dict[str, Any] = {}
        while use.get("cpuPct", 0) < 5:
            assert time.monotonic() < limit, use
            await asyncio.sleep(0.1)  # CPU time is counted in hundredths of a second
            rows = await by_application(each_plugin)
            use = rows["busy"]["process"]
        assert use["cpuMs"] > 0
        assert use["rssBytes"] > 1_000_000
        each_plugin.server.run(f"select pg_terminate_backend({pid_of(client)})")
        client.pgconn.finish()
    wait_until_none(each_plugin.server, "select count(*) from pg_stat_activity where application_name = 'busy'")


def test_processes_of_another_machine_are_not_looked_for() -> None:
    there = connect_params(parse_connection("postgres://u@10.1.2.3/db"))
    assert not is_local(there)
    assert is_local(connect_params(parse_connection("host=/run/postgresql user=u")))
    assert read_processes([1, os.getpid(), 2**22 + 1], {}) == {}  # none of these is PostgreSQL's
