"""Backends as rows and as the plugin shows them; which to show, in what order, decided on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from mc_postgres.dsn import APPLICATION_NAME
from mc_postgres.wait_events import describe_wait
from mc_sdk import Struct

UNKNOWN_TIME = datetime(1, 1, 1, tzinfo=UTC)
"""How the interface spells a time that is not known."""
SESSION_LIMIT = 500
SESSION_LIMIT_MAX = 5000


class SessionRow(Struct):
    """A row of `sessions.sql`."""

    pid: int
    user: str | None
    database: str | None
    application_name: str | None
    client_addr: str | None
    state: str | None
    wait_event_type: str | None
    wait_event: str | None
    query_start: datetime | None
    state_change: datetime | None
    xact_start: datetime | None
    backend_start: datetime | None
    backend_type: str | None
    duration_ms: int | None
    xact_age_ms: int | None
    state_age_ms: int | None
    leader_pid: int | None
    query_id: str | None
    query: str | None
    visible: bool
    blocked_by: list[int] | None
    ssl: bool
    gssapi: bool
    backend_xmin: str | None
    xmin_age: int | None
    can_signal: bool | None
    is_own: bool | None

    @property
    def is_background(self) -> bool:
        """Whether this is one of the server's own processes, in no database and without a state."""
        return self.user is None or (self.state is None and self.visible)


class Session(Struct, omit_defaults=True, kw_only=True):
    """One session; `query` is its last one when it is idle. A time that is not known is year 1."""

    pid: int
    user: str
    database: str
    application_name: str = ""
    client_addr: str | None = None
    state: str
    wait_event_type: str | None = None
    wait_event: str | None = None
    wait_description: str = ""
    query_start: datetime
    state_change: datetime
    xact_start: datetime | None = None
    backend_start: datetime | None = None
    duration_ms: int = 0
    xact_age_ms: int | None = None
    state_age_ms: int | None = None
    backend_type: str
    leader_pid: int | None = None
    query_id: str | None = None
    """As text: it may have more digits than a browser's numbers keep."""
    blocked_by: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    can_signal: bool
    visible: bool
    """False when this role may not see what the session does."""
    ssl: bool
    gssapi: bool = False
    backend_xmin: str | None = None
    xmin_age: int | None = None
    self: bool = False
    """Runs a statement of this plugin's console."""
    process: ProcessUse | None = None
    query: str = ""


class ProcessUse(Struct, omit_defaults=True, kw_only=True):
    """What the backend's process used, where the server runs on this machine; `cpuPct` since the look before."""

    cpu_pct: float | None = None
    cpu_ms: int
    read_bytes: int | None = None
    write_bytes: int | None = None
    rss_bytes: int


class SessionsListParams(Struct, forbid_unknown_fields=True):
    """`database` is ignored when the item is itself a database; text filters match any part, in any case."""

    database: str = ""
    include_idle: bool = False
    include_background: bool = False
    min_duration_ms: Annotated[int, msgspec.Meta(ge=0)] = 0
    states: tuple[str, ...] = ()
    user: str = ""
    application: str = ""
    search: str = ""
    """Matches query, user, application, database, client address or pid."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=SESSION_LIMIT_MAX)] = SESSION_LIMIT


def choose_sessions(
    rows: Sequence[SessionRow],
    params: SessionsListParams,
    database: str,
    descriptions: dict[tuple[str, str], str],
) -> list[Session]:
    """Return the sessions to show: active ones first, then by the start of their query, at most `limit`."""
    blocks = blocked_by_each(rows)
    chosen = sorted((row for row in rows if is_wanted(row, params, database)), key=order_of)
    return [render_session(row, blocks.get(row.pid, ()), descriptions) for row in chosen[: params.limit]]


def blocked_by_each(rows: Iterable[SessionRow]) -> dict[int, tuple[int, ...]]:
    """Return for each blocking pid whom it blocks, in the order of their pids."""
    blocks: dict[int, set[int]] = {}
    for row in rows:
        for blocker in row.blocked_by or ():
            if blocker > 0:
                blocks.setdefault(blocker, set()).add(row.pid)
    return {pid: tuple(sorted(blocked)) for pid, blocked in blocks.items()}


def is_wanted(row: SessionRow, params: SessionsListParams, database: str) -> bool:
    """Say whether a row passes the filters. Sessions whose state is hidden from us count as neither idle nor active."""
    if row.is_own:
        return False
    if database and row.database != database:
        return False
    if row.is_background and not params.include_background:
        return False
    if not params.include_idle and row.state == "idle" and "idle" not in params.states:
        return False
    if params.states and (row.state or "") not in params.states:
        return False
    if (row.duration_ms or 0) < params.min_duration_ms:
        return False
    return matches_texts(row, params)


def matches_texts(row: SessionRow, params: SessionsListParams) -> bool:
    """Say whether a row contains every text that was asked for."""
    anywhere = (row.query, row.user, row.application_name, row.database, row.client_addr, str(row.pid))
    wanted = ((params.user, (row.user,)), (params.application, (row.application_name,)), (params.search, anywhere))
    return all(
        not text or any(text.casefold() in (field or "").casefold() for field in fields) for text, fields in wanted
    )


def order_of(row: SessionRow) -> tuple[bool, bool, datetime, int]:
    """Return the sort key: active first, then the oldest start, unknown starts last."""
    start = row.query_start or row.state_change
    return row.state != "active", start is None, start or UNKNOWN_TIME, row.pid


def render_session(row: SessionRow, blocks: tuple[int, ...], descriptions: dict[tuple[str, str], str]) -> Session:
    """Return a row as the plugin shows it."""
    blockers = dict.fromkeys(pid for pid in row.blocked_by or () if pid > 0)  # each once, in the server's order
    return Session(
        pid=row.pid,
        user=row.user or "",
        database=row.database or "",
        application_name=row.application_name or "",
        client_addr=row.client_addr,
        state=row.state or "",
        wait_event_type=row.wait_event_type,
        wait_event=row.wait_event,
        wait_description=describe_wait(row.wait_event_type or "", row.wait_event or "", descriptions),
        query_start=row.query_start or UNKNOWN_TIME,
        state_change=row.state_change or UNKNOWN_TIME,
        xact_start=row.xact_start,
        backend_start=row.backend_start,
        duration_ms=max(0, row.duration_ms or 0),
        xact_age_ms=row.xact_age_ms,
        state_age_ms=row.state_age_ms,
        backend_type=row.backend_type or "",
        leader_pid=row.leader_pid,
        query_id=row.query_id,
        blocked_by=tuple(blockers),
        blocks=blocks,
        can_signal=bool(row.can_signal),
        visible=row.visible,
        ssl=row.ssl,
        gssapi=row.gssapi,
        backend_xmin=row.backend_xmin,
        xmin_age=row.xmin_age,
        self=row.application_name == APPLICATION_NAME,
        query=row.query or "",
    )
