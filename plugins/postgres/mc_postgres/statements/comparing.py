"""What was executed between two snapshots of statement counters, decided on their columns alone."""

from __future__ import annotations

from collections.abc import Callable

from mc_postgres.statements.columns import METRICS, Snapshot, StatementKey
from mc_postgres.statements.snapshots import MAX_ENTRIES
from mc_sdk import Struct

CALLS, TOTAL_MS, ROWS = METRICS.index("calls"), METRICS.index("total_ms"), METRICS.index("rows")


class Delta(Struct):
    """One statement's share of an interval."""

    key: StatementKey
    values: list[float]
    is_new: bool

    def value(self, metric: str) -> float:
        """Return one counter's delta."""
        return self.values[METRICS.index(metric)]


class Change(Struct):
    """All that happened between two snapshots."""

    deltas: list[Delta]
    is_reset: bool
    evicted: int


def compare(before: Snapshot, after: Snapshot) -> Change:
    """Return the deltas of all statements that were executed in between; after a reset they count from there."""
    is_reset = before.stats_reset != after.stats_reset and after.stats_reset is not None
    positions = before.positions()
    deltas = []
    calls, earlier = after.metrics["calls"], before.metrics["calls"]
    spent, spent_earlier = after.metrics["total_ms"], before.metrics["total_ms"]
    for at, key in enumerate(after.keys):
        then_at = positions.pop(key, None)
        if (
            then_at is not None
            and not is_reset
            and calls[at] == earlier[then_at]
            and spent[at] == spent_earlier[then_at]
        ):
            continue  # most statements were not run in between
        now = after.values(at)
        if then_at is None or is_reset:
            values, is_new = now, then_at is None
        else:
            then = before.values(then_at)
            # A counter that went back was reset for this statement alone, or evicted and seen anew.
            went_back = now[CALLS] < then[CALLS] or now[TOTAL_MS] < then[TOTAL_MS] - 0.001
            is_reset = is_reset or went_back
            values = now if went_back else [max(0.0, new - old) for new, old in zip(now, then, strict=True)]
            is_new = False
        if values[CALLS] > 0:
            deltas.append(Delta(key=key, values=values, is_new=is_new))
    is_reset = is_reset or (bool(positions) and (not after.keys or keeps_all(before, after)))
    return Change(deltas=deltas, is_reset=is_reset, evicted=0 if is_reset else len(positions))


def keeps_all(before: Snapshot, after: Snapshot) -> bool:
    """Say whether the server has thrown nothing out in between, so that what is gone was reset (14 and later tell)."""
    is_whole = max(len(before.keys), len(after.keys)) < MAX_ENTRIES
    return is_whole and after.stats_reset is not None and after.dealloc == before.dealloc


SORTS: dict[str, Callable[[Delta], float]] = {
    "total": lambda one: one.value("total_ms"),
    "mean": lambda one: one.value("total_ms") / one.value("calls"),
    "calls": lambda one: one.value("calls"),
    "rows": lambda one: one.value("rows"),
    "io": lambda one: one.value("io_read_ms") + one.value("io_write_ms") + one.value("shared_read") / 1e6,
    "temp": lambda one: one.value("temp_read") + one.value("temp_written"),
    "wal": lambda one: one.value("wal_bytes"),
}
