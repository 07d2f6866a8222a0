"""`statements-diff`: finds the two ends, and shows what was executed in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mc_postgres.database import Database, open_database
from mc_postgres.state import PluginState
from mc_postgres.statements.columns import Snapshot, unpack
from mc_postgres.statements.comparing import CALLS, ROWS, SORTS, TOTAL_MS, Change, Delta, compare
from mc_postgres.statements.reading import percent
from mc_postgres.statements.rows import SnapshotInfo, Statement, StatementsDiff, Totals
from mc_postgres.statements.snapshots import capture, info_of, is_due, learn_texts, store_key, take
from mc_postgres.statements.state import Availability, can_read, find_statements
from mc_postgres.statements.store import Kept, Text
from mc_sdk import Context, NotFound, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.statements import StatementsDiffParams


class NameRow(Struct):
    """A row of `role_names.sql`."""

    oid: int
    name: str


async def diff_statements(ctx: Context[PluginState], params: StatementsDiffParams) -> StatementsDiff:
    """Return what was executed between two moments. Raises: NotFound (no such snapshot)."""
    async with open_database(ctx, params.database) as db:
        found = await find_statements(db)
        if not can_read(found):
            return refuse(db, found)
        start, end, before, after = await choose(ctx, db, found, params)
        change = compare(before, after) if before else Change(deltas=[], is_reset=False, evicted=0)
        texts = ctx.state.snapshots.texts(store_key(ctx, db))
        users = {
            row.oid: row.name
            for row in await db.fetch(NameRow, "role_names", roles=sorted({one.key[1] for one in change.deltas}))
        }
        wanted = [one for one in change.deltas if is_wanted(one, texts.get(one.key[0]), users, params)]
        # Not below zero where the clock was set back in between: then there are no rates.
        seconds = max(0.0, (end.captured_at - start.captured_at).total_seconds()) if start else 0.0
        total_ms = sum(one.values[TOTAL_MS] for one in wanted)
        wanted.sort(key=SORTS[params.sort], reverse=True)
        context = Rendering(db=db, found=found, texts=texts, users=users, seconds=seconds, total_ms=total_ms)
        role = await db.role()
        return StatementsDiff(
            available=True,
            reason=found.reason,
            warning=found.warning,
            can_install=False,
            from_=start,
            to=end,
            seconds=seconds,
            reset=change.is_reset,
            reset_at=after.stats_reset if change.is_reset else None,
            deallocated=max(0, after.dealloc - before.dealloc) if before else 0,
            statements=[context.render(one, params.query_text_max) for one in wanted[: params.limit]],
            totals=sum_up(wanted, total_ms, seconds),
            evicted_count=change.evicted,
            new_count=sum(one.is_new for one in wanted),
            hidden_count=after.hidden,
            waiting_for_second_snapshot=before is None,
            track_io_timing=found.state.track_io_timing,
            needs=(role.need_stats(f"{after.hidden} statements of other roles"),) if after.hidden else (),
            cost_ms=db.cost_ms,
        )


def refuse(db: Database, found: Availability) -> StatementsDiff:
    """Return the answer without statements."""
    return StatementsDiff(
        available=False,
        reason=found.reason,
        warning=found.warning,
        can_install=found.can_install,
        seconds=0.0,
        reset=False,
        deallocated=0,
        statements=[],
        evicted_count=0,
        new_count=0,
        track_io_timing=found.state.track_io_timing,
        cost_ms=db.cost_ms,
    )


async def choose(
    ctx: Context[PluginState], db: Database, found: Availability, params: StatementsDiffParams
) -> tuple[SnapshotInfo | None, SnapshotInfo, Snapshot | None, Snapshot]:
    """Return the two ends with their snapshots; the present is kept as well when the last one is old enough."""
    key = store_key(ctx, db)
    shelf = await ctx.state.snapshots.shelf(key)
    kept = list(shelf.kept)
    now = datetime.now(UTC)
    if params.to:
        end_kept = find_kept(kept, params.to)
        end, after = info_of(end_kept), await load(ctx, db, end_kept)
    elif is_due(kept, now):
        end_kept, after = await take(ctx, db, found)
        end = info_of(end_kept)
    else:
        async with shelf.lock:
            after = await capture(db, found)
            await learn_texts(ctx, db, found, after)
        end = SnapshotInfo(captured_at=after.captured_at, entries=len(after.keys))
    if params.from_:
        start_kept: Kept | None = find_kept(kept, params.from_)
    else:
        earlier = [one for one in kept if one.captured_at < end.captured_at]
        wanted = end.captured_at - timedelta(seconds=params.since_seconds)
        start_kept = min(earlier, key=lambda one: abs(one.captured_at - wanted), default=None)
    if start_kept is None:
        return None, end, None, after
    return info_of(start_kept), end, await load(ctx, db, start_kept), after


def find_kept(kept: list[Kept], wanted: str) -> Kept:
    """Return the snapshot with an id. Raises: NotFound."""
    for one in kept:
        if one.id == wanted:
            return one
    raise NotFound(f"no snapshot {wanted!r} of this item", hint="it may have been thinned out: list them again")


async def load(ctx: Context[PluginState], db: Database, kept: Kept) -> Snapshot:
    """Return a kept snapshot. Raises: NotFound when its file is gone or damaged."""
    try:
        return unpack(await ctx.state.snapshots.read(store_key(ctx, db), kept))
    except (OSError, ValueError) as exc:
        raise NotFound(f"snapshot {kept.id!r} cannot be read: {exc}") from exc


def is_wanted(one: Delta, text: Text | None, users: dict[int, str], params: StatementsDiffParams) -> bool:
    """Say whether a statement passes the filters."""
    query = text.query if text else ""
    if params.exclude_self and text is not None and text.is_own:
        return False
    if params.search and params.search.casefold() not in query.casefold() and params.search != str(one.key[0]):
        return False
    return not params.user or params.user.casefold() in users.get(one.key[1], "").casefold()


def sum_up(wanted: list[Delta], total_ms: float, seconds: float) -> Totals:
    """Return the sums over all statements that match."""
    calls = int(sum(one.values[CALLS] for one in wanted))
    return Totals(
        calls=calls,
        total_exec_time_ms=round(total_ms, 3),
        rows=int(sum(one.values[ROWS] for one in wanted)),
        calls_per_s=round(calls / seconds, 3) if seconds else None,
    )


class Rendering(Struct):
    """What turning deltas into statements needs to know."""

    db: Database
    found: Availability
    texts: dict[int, Text]
    users: dict[int, str]
    seconds: float
    total_ms: float

    def render(self, one: Delta, text_max: int) -> Statement:
        """Return a delta as the plugin shows it."""
        query_id, user_id, toplevel = one.key
        text = self.texts.get(query_id)
        query = text.query if text else ""
        calls, total = one.value("calls"), one.value("total_ms")
        hit, read = one.value("shared_hit"), one.value("shared_read")
        return Statement(
            query_id=str(query_id),
            user_id=user_id,
            user=self.users.get(user_id),
            database_id=self.found.state.database_id,
            database=self.db.target.params.get("dbname") or None,
            toplevel=toplevel,
            query=query[:text_max],
            truncated=len(query) > text_max or bool(text and text.is_cut),
            calls=int(calls),
            total_exec_time_ms=round(total, 3),
            mean_exec_time_ms=round(total / calls, 4),
            rows=int(one.value("rows")),
            pct_total=percent(total, self.total_ms) or 0.0,
            plans=int(one.value("plans")),
            plan_time_ms=round(one.value("plan_ms"), 3),
            shared_blocks_hit=int(hit),
            shared_blocks_read=int(read),
            shared_blocks_dirtied=int(one.value("shared_dirtied")),
            shared_blocks_written=int(one.value("shared_written")),
            temp_blocks_read=int(one.value("temp_read")),
            temp_blocks_written=int(one.value("temp_written")),
            io_read_ms=round(one.value("io_read_ms"), 3),
            io_write_ms=round(one.value("io_write_ms"), 3),
            wal_records=int(one.value("wal_records")),
            wal_bytes=int(one.value("wal_bytes")),
            cache_hit_percent=percent(hit, hit + read),
            calls_per_s=round(calls / self.seconds, 4) if self.seconds else None,
            time_per_s=round(total / self.seconds, 4) if self.seconds else None,
            new=one.is_new,
        )
