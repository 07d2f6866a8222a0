"""`wait-sample`: what sessions wait for, counted over some seconds."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from mc_postgres.answers import Answer, Need
from mc_postgres.database import Database, open_database
from mc_postgres.operations.sessions import DoneRow, wait_descriptions
from mc_postgres.state import PluginState
from mc_postgres.wait_events import describe_wait
from mc_sdk import Context, Struct

if TYPE_CHECKING:
    from mc_postgres.operations.sessions import WaitSampleParams

CPU = "CPU"
TOP_QUERIES = 20
SPARE_S = 3.0


class WaitRow(Struct):
    """A row of `wait_sample.sql`."""

    pid: int
    state: str | None
    type: str | None
    event: str | None
    query: str | None
    query_id: str | None
    visible: bool


class EventCount(Struct, omit_defaults=True, kw_only=True):
    """How often sessions were seen waiting for something."""

    type: str
    event: str
    description: str = ""
    count: int
    pct: float = 0.0


class StateCount(Struct):
    """How often sessions were seen in a state."""

    state: str
    count: int


class QueryCount(Struct, omit_defaults=True, kw_only=True):
    """How often a query was seen active, and what it waited for."""

    query_id: str | None = None
    query: str
    count: int
    pct: float
    events: list[EventCount]


class Series(Struct):
    """Counts of one type of wait, sample by sample."""

    type: str
    counts: list[int]


class Timeline(Struct):
    """Waits over time, as columns."""

    at: list[int]
    series: list[Series]


class WaitSample(Answer, omit_defaults=True, kw_only=True):
    """Type `CPU` means active and not waiting."""

    samples: int
    seconds: float
    events: list[EventCount]
    states: list[StateCount]
    queries: list[QueryCount]
    timeline: Timeline


async def sample_waits(ctx: Context[PluginState], params: WaitSampleParams) -> WaitSample:
    """Look again and again, and return the counts."""
    remaining_s = ctx.remaining_s()
    seconds = params.seconds if remaining_s is None else min(params.seconds, max(0.5, remaining_s - SPARE_S))
    async with open_database(ctx, params.database) as db:
        descriptions = await wait_descriptions(ctx, db)
        started, busy_ms = time.monotonic(), 0.0
        rounds: list[tuple[int, list[WaitRow]]] = []
        while True:
            looked = time.monotonic()
            rounds.append((int(time.time() * 1000), await look(db)))
            busy_ms += (time.monotonic() - looked) * 1000
            # A fixed rhythm: late looks do not shift the later ones.
            wait_s = started + len(rounds) * params.interval_ms / 1000 - time.monotonic()
            if time.monotonic() + max(0.0, wait_s) - started > seconds:
                break
            await asyncio.sleep(max(0.0, wait_s))
        role = await db.role()
    hidden = any(not row.visible for _, rows in rounds for row in rows)
    return count(
        rounds,
        descriptions,
        seconds=round(time.monotonic() - started, 2),
        needs=(role.need_stats("waits of other roles' sessions"),) if hidden else (),
        cost_ms=round(busy_ms, 1),
    )


async def look(db: Database) -> list[WaitRow]:
    """Return what every session does now; within one transaction the server would tell the same again."""
    await db.fetch(DoneRow, "forget_activity")
    return await db.fetch(WaitRow, "wait_sample", database=db.target.database)


Event = tuple[str, str]
QueryKey = tuple[str | None, str]


class Counts:
    """What all rounds together have seen."""

    def __init__(self, rounds: int, descriptions: dict[Event, str]) -> None:
        self.events: Counter[Event] = Counter()
        self.states: Counter[str] = Counter()
        self.queries: Counter[QueryKey] = Counter()
        self.by_query: dict[QueryKey, Counter[Event]] = defaultdict(Counter)
        self.types: dict[str, list[int]] = {}
        self._rounds, self._descriptions = rounds, descriptions

    def add(self, at: int, row: WaitRow) -> None:
        """Count what one session did in round `at`."""
        self.states[row.state or "hidden"] += 1
        if row.state != "active":
            return
        event = (row.type, row.event or "") if row.type else (CPU, "")
        key = (row.query_id, row.query or "")
        self.events[event] += 1
        self.queries[key] += 1
        self.by_query[key][event] += 1
        self.types.setdefault(event[0], [0] * self._rounds)[at] += 1

    def render(self, counted: Counter[Event]) -> list[EventCount]:
        """Return waits with their share of all."""
        return [
            EventCount(
                type=kind,
                event=event,
                description=describe_wait(kind, event, self._descriptions),
                count=times,
                pct=self.share(times),
            )
            for (kind, event), times in counted.most_common()
        ]

    def render_queries(self) -> list[QueryCount]:
        """Return the queries that were seen most often, with their waits."""
        return [
            QueryCount(
                query_id=key[0],
                query=key[1],
                count=times,
                pct=self.share(times),
                events=self.render(self.by_query[key]),
            )
            for key, times in self.queries.most_common(TOP_QUERIES)
        ]

    def share(self, times: int) -> float:
        """Return a share of all active sessions that were seen, in percent."""
        return round(times * 100 / (sum(self.events.values()) or 1), 1)


def count(
    rounds: list[tuple[int, list[WaitRow]]],
    descriptions: dict[Event, str],
    *,
    seconds: float,
    needs: tuple[Need, ...],
    cost_ms: float,
) -> WaitSample:
    """Return the counts of all rounds."""
    counts = Counts(len(rounds), descriptions)
    for at, (_, rows) in enumerate(rounds):
        for row in rows:
            counts.add(at, row)
    series = [Series(type=kind, counts=numbers) for kind, numbers in counts.types.items()]
    return WaitSample(
        samples=len(rounds),
        seconds=seconds,
        events=counts.render(counts.events),
        states=[StateCount(state=state, count=times) for state, times in counts.states.most_common()],
        queries=counts.render_queries(),
        timeline=Timeline(at=[at for at, _ in rounds], series=series),
        needs=needs,
        cost_ms=cost_ms,
    )
