"""The last minutes of a database's counters, kept while somebody looks: what rates, sparklines and findings need."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from mc_postgres.rates import Rates

if TYPE_CHECKING:
    from mc_postgres.operations.stats import Connections, DatabaseStats
    from mc_postgres.state import PluginState
    from mc_postgres.targets import Target

KEEP_S = 900.0
CHECKPOINTS_KEEP_S, CHECKPOINTS_GAP_S = 3600.0, 60.0
MIN_GAP_S = 0.9
"""Samples that come closer together replace each other: rates over less say nothing."""
MAX_HISTORIES = 200
OWN_UNCOUNTED = 500
"""So many of our commits may be missing in the server's count, which before 15 lags by half a second."""
COUNTERS = (
    "transactions",
    "rollbacks",
    "tuples_returned",
    "tuples_fetched",
    "tuples_inserted",
    "tuples_updated",
    "tuples_deleted",
    "blocks_read",
    "blocks_hit",
    "temp_bytes",
    "deadlocks",
)
GAUGES = ("client_total", "active", "waiting_on_lock", "idle_in_transaction")


class Sample(msgspec.Struct):
    """Counters and gauges at one moment: monotonic second, and epoch second for showing."""

    at: float
    epoch: float
    counters: dict[str, float]
    gauges: dict[str, float]

    @classmethod
    def of(cls, at: float, epoch: float, connections: Connections, database: DatabaseStats, own_commits: int) -> Sample:
        """Return the sample that an answer of `stats` holds, without the commits that were our own."""
        counters = {name: float(getattr(database, name)) for name in COUNTERS}
        counters["transactions"] -= own_commits
        return cls(at, epoch, counters, {name: float(getattr(connections, name)) for name in GAUGES})

    def since(self, before: Sample) -> dict[str, float] | None:
        """Return how far the counters went; None when one went back, since then they were reset."""
        deltas = {name: value - before.counters[name] for name, value in self.counters.items()}
        # The server may not have counted our own last commits yet.
        if -OWN_UNCOUNTED <= deltas["transactions"] < 0:
            deltas["transactions"] = 0.0
        return None if any(delta < 0 for delta in deltas.values()) else deltas


class History:
    """Samples of one database, oldest first."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque()

    def add(self, sample: Sample) -> None:
        """Take a sample and forget what is too old."""
        if len(self.samples) > 1 and self.samples[-1].at - self.samples[-2].at < MIN_GAP_S:
            self.samples.pop()
        self.samples.append(sample)
        while sample.at - self.samples[0].at > KEEP_S:
            self.samples.popleft()

    def rates(self) -> Rates | None:
        """Return what happened per second since the sample before; None without one, or after a reset."""
        if len(self.samples) < 2:
            return None
        return rates_between(self.samples[-2], self.samples[-1])

    def deltas(self) -> tuple[float, dict[str, float]] | None:
        """Return seconds and how far the counters went, over all samples since a reset; None without two of them."""
        found, samples = None, list(self.samples)
        for first in samples[-2::-1]:
            deltas = samples[-1].since(first)
            if deltas is None:
                break
            found = samples[-1].at - first.at, deltas
        return found

    def columns(self) -> dict[str, list[float | None]]:
        """Return the series that a page draws, column by column."""
        samples = list(self.samples)
        rates = [None, *(rates_between(one, two) for one, two in pairwise(samples))]
        columns: dict[str, list[float | None]] = {"at": [round(one.epoch * 1000) for one in samples]}
        for name, spelled in zip(GAUGES, ("clientTotal", "active", "waitingOnLock", "idleInTransaction"), strict=True):
            columns[spelled] = [one.gauges[name] for one in samples]
        columns["commits"] = [None if one is None else one.commits for one in rates]
        columns["rollbacks"] = [None if one is None else one.rollbacks for one in rates]
        columns["cacheHitPercent"] = [None if one is None else one.cache_hit_percent for one in rates]
        columns["tempBytes"] = [None if one is None else one.temp_bytes for one in rates]
        columns["blocksRead"] = [None if one is None else one.blocks_read for one in rates]
        columns["tuplesChanged"] = [
            None if one is None else one.tuples_inserted + one.tuples_updated + one.tuples_deleted for one in rates
        ]
        return columns


class Checkpoints:
    """How many checkpoints came by time and how many were forced, over the last hour in which somebody looked."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()

    def add(self, at: float, timed: int, requested: int) -> tuple[float, int, int]:
        """Take the server's counters at a monotonic second; return seconds, and how far each went in them."""
        samples = self._samples
        if samples and (timed < samples[-1][1] or requested < samples[-1][2]):  # they were reset
            samples.clear()
        if len(samples) > 1 and samples[-1][0] - samples[-2][0] < CHECKPOINTS_GAP_S:
            samples.pop()
        samples.append((at, timed, requested))
        while at - samples[0][0] > CHECKPOINTS_KEEP_S:
            samples.popleft()
        first = samples[0]
        return at - first[0], timed - first[1], requested - first[2]


def rates_between(before: Sample, after: Sample) -> Rates | None:
    """Return what happened per second between two samples; None after a reset."""
    deltas = after.since(before)
    seconds = after.at - before.at
    if deltas is None or seconds <= 0:
        return None
    rates = {name: round(delta / seconds, 3) for name, delta in deltas.items()}
    commits = rates.pop("transactions")
    blocks = deltas["blocks_hit"] + deltas["blocks_read"]
    hits = round(deltas["blocks_hit"] * 100 / blocks, 2) if blocks else None
    return Rates(seconds=round(seconds, 3), commits=commits, cache_hit_percent=hits, **rates)


def history_of(state: PluginState, item_id: str, target: Target) -> History:
    """Return the history of an item's database; one that nobody looked at for long is forgotten."""
    key = (item_id, target.params)
    if key not in state.histories:
        while len(state.histories) >= MAX_HISTORIES:
            del state.histories[next(iter(state.histories))]
        state.histories[key] = History()
    return state.histories[key]
