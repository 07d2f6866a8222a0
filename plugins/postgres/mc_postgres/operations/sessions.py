"""`sessions-list`, `session-cancel` and `session-terminate`."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from mc_postgres.guards import check_may_operate
from mc_postgres.sessions import Session, SessionRow, SessionsListParams, choose_sessions
from mc_postgres.state import PluginState
from mc_sdk import Context, Forbidden, InvalidParams, OperationError, Struct, operation

if TYPE_CHECKING:
    from mc_postgres.database import Database
    from mc_postgres.waitsampling import WaitSample

WAIT_MAX_MS = 30_000
LOOK_AGAIN_S = 0.05
SIGNALLING = "ending queries and sessions"
CLIENT_BACKEND = "client backend"
WAIT_EVENTS_VERSION = 170_000


class WaitEventRow(Struct):
    """A row of `wait_events.sql`."""

    type: str
    name: str
    description: str


class WaitSampleParams(Struct, forbid_unknown_fields=True):
    """For how long to look, and how often."""

    database: str = ""
    seconds: Annotated[float, msgspec.Meta(ge=1, le=20)] = 5.0
    interval_ms: Annotated[int, msgspec.Meta(ge=100, le=5000)] = 250


class SignalParams(Struct, forbid_unknown_fields=True):
    """Whom to signal: `pid`, or several `pids`; `backendStart` makes sure that the pid still is who was meant."""

    pid: int = 0
    pids: Annotated[tuple[int, ...], msgspec.Meta(max_length=100)] = ()
    backend_start: datetime | None = None
    wait_ms: Annotated[int, msgspec.Meta(ge=0, le=WAIT_MAX_MS)] = 0
    """How long to wait until the signal has worked; 0: do not."""
    force: bool = False
    """Signal it even when it is no client's session."""


class SignalResult(Struct, omit_defaults=True, kw_only=True):
    """`reason` tells why not, when `ok` is false."""

    pid: int
    ok: bool
    reason: str = ""


class SignalResults(Struct):
    """One result per pid."""

    results: list[SignalResult]


class SignalTarget(Struct):
    """A row of `signal_target.sql`."""

    pid: int
    database: str | None
    backend_start: datetime | None
    backend_type: str | None
    state: str | None
    query_start: datetime | None
    visible: bool
    is_own: bool | None
    can_signal: bool | None


class SentRow(Struct):
    """A row of `session_cancel.sql` and `session_terminate.sql`."""

    is_sent: bool


class DoneRow(Struct):
    """A row of `forget_activity.sql`."""

    is_done: bool


@operation("sessions-list", http=())
async def sessions_list(ctx: Context[PluginState], params: SessionsListParams) -> list[Session]:
    """List who is connected, what they run, how long, what they wait for and who blocks them."""
    from mc_postgres.database import open_database

    async with open_database(ctx, params.database) as db:
        rows = await db.fetch(SessionRow, "sessions")
        descriptions = await wait_descriptions(ctx, db)
    if any(not row.visible and not row.is_background for row in rows):
        ctx.log.warning("some sessions are hidden from this role: grant it pg_read_all_stats")
    shown = choose_sessions(rows, params, db.target.database, descriptions)
    await add_processes(ctx, db, shown)
    return shown


async def add_processes(ctx: Context[PluginState], db: Database, shown: list[Session]) -> None:
    """Put beside each session what its process uses, where the server runs on this machine."""
    from mc_postgres.processes import is_local, read_processes

    if not is_local(db.target.params):
        return
    before = ctx.state.processes.setdefault(ctx.item_id, {})
    found = await asyncio.to_thread(read_processes, [session.pid for session in shown], before)
    for session in shown:
        session.process = found.get(session.pid)


async def wait_descriptions(ctx: Context[PluginState], db: Database) -> dict[tuple[str, str], str]:
    """Return what the server calls its wait events, asked once per version; older servers have no such view."""
    known = ctx.state.wait_events
    if db.version_num < WAIT_EVENTS_VERSION:
        return {}
    if db.version_num not in known:
        rows = await db.fetch(WaitEventRow, "wait_events")
        known[db.version_num] = {(row.type, row.name): row.description for row in rows}
    return known[db.version_num]


@operation("session-cancel", destructive=True, http=())
async def session_cancel(ctx: Context[PluginState], params: SignalParams) -> SignalResult | SignalResults:
    """Cancel the query that a session runs; the session stays."""
    return await signal_sessions(ctx, params, "cancel")


@operation("session-terminate", destructive=True, http=())
async def session_terminate(ctx: Context[PluginState], params: SignalParams) -> SignalResult | SignalResults:
    """End a session; its transaction is rolled back."""
    return await signal_sessions(ctx, params, "terminate")


@operation("wait-sample", http=())
async def wait_sample(ctx: Context[PluginState], params: WaitSampleParams) -> WaitSample:
    """Count for some seconds what sessions wait for."""
    from mc_postgres.waitsampling import sample_waits

    return await sample_waits(ctx, params)


async def signal_sessions(ctx: Context[PluginState], params: SignalParams, action: str) -> SignalResult | SignalResults:
    """Signal one session, or each of several; of several, one that may not be signalled does not stop the others."""
    if not params.pids:
        return await signal_session(ctx, params, action)
    if params.pid or params.backend_start is not None:
        raise InvalidParams("name either pid (with backendStart) or pids", field="pids")
    check_may_operate(ctx, SIGNALLING)
    results = []
    for pid in dict.fromkeys(params.pids):
        one = SignalParams(pid=pid, wait_ms=params.wait_ms, force=params.force)
        try:
            results.append(await signal_session(ctx, one, action))
        except Forbidden as exc:
            results.append(SignalResult(pid=pid, ok=False, reason=str(exc.facts.get("reason", "not_permitted"))))
    return SignalResults(results=results)


async def signal_session(ctx: Context[PluginState], params: SignalParams, action: str) -> SignalResult:
    """Check whom the signal would hit, send it, and wait for its effect if asked to."""
    if params.pid <= 0:
        raise InvalidParams(f"invalid pid {params.pid}", field="pid")
    check_may_operate(ctx, SIGNALLING)
    from mc_postgres.database import open_database

    async with open_database(ctx) as db:
        found = await db.fetch_one(SignalTarget, "signal_target", pid=params.pid)
        reason = judge_signal(found, params, db.target.database if db.target.is_bound else "")
        if reason or found is None:
            return SignalResult(pid=params.pid, ok=False, reason=reason)
        try:
            sent = await db.fetch_one(SentRow, f"session_{action}", pid=params.pid, backend_start=found.backend_start)
        except OperationError as exc:
            exc.message = f"pg_{action}_backend({params.pid}): {exc.message}"
            raise
        if sent is None or not sent.is_sent:
            return SignalResult(pid=params.pid, ok=False, reason="not_found")
        if params.wait_ms and not await wait_for_effect(db, found, action, params.wait_ms):
            return SignalResult(pid=params.pid, ok=False, reason="still_running")
    return SignalResult(pid=params.pid, ok=True)


def judge_signal(found: SignalTarget | None, params: SignalParams, bound_database: str) -> str:
    """Return why a signal must not be sent, '' when it may. Raises: Forbidden."""
    if found is None:
        return "not_found"
    if bound_database and found.database != bound_database:
        raise Forbidden(
            f"pid {params.pid} belongs to another database than {bound_database!r}", reason="other_database"
        )
    # What kind of process a hidden session is, is hidden as well: then the right to signal it decides.
    is_client = found.backend_type in (CLIENT_BACKEND, None) and not found.is_own
    if not is_client and not params.force:
        return "not_client"
    if not found.can_signal:
        raise Forbidden(
            f"this role may not signal pid {params.pid}",
            hint="grant it pg_signal_backend; a superuser's session needs a superuser",
            reason="not_permitted",
        )
    if params.backend_start is not None and not is_same_instant(found.backend_start, params.backend_start):
        return "changed"
    return ""


def is_same_instant(found: datetime | None, wanted: datetime) -> bool:
    """Say whether two times are the same to the millisecond, which is what a browser's clock keeps."""
    return found is not None and abs((found - wanted).total_seconds()) < 0.001


async def wait_for_effect(db: Database, before: SignalTarget, action: str, wait_ms: int) -> bool:
    """Look at the session until the signal has worked; False when it has not in time.

    The server tells nobody when a backend ends, so this has to look again and again.
    """
    limit = time.monotonic() + wait_ms / 1000
    while True:
        await db.fetch(DoneRow, "forget_activity")
        now = await db.fetch_one(SignalTarget, "signal_target", pid=before.pid)
        if has_worked(before, now, action):
            return True
        if time.monotonic() + LOOK_AGAIN_S > limit:
            return False
        await asyncio.sleep(LOOK_AGAIN_S)


def has_worked(before: SignalTarget, now: SignalTarget | None, action: str) -> bool:
    """Say whether a session is gone, or (after a cancel) no longer runs the query that it ran."""
    if now is None or now.backend_start != before.backend_start:
        return True
    return action == "cancel" and (now.state != "active" or now.query_start != before.query_start)
