"""A snapshot of statement counters, column by column, packed for keeping."""

from __future__ import annotations

import zlib
from array import array
from datetime import datetime

import msgspec

from mc_sdk import Struct

METRICS = (
    "calls",
    "total_ms",
    "rows",
    "plans",
    "plan_ms",
    "shared_hit",
    "shared_read",
    "shared_dirtied",
    "shared_written",
    "temp_read",
    "temp_written",
    "io_read_ms",
    "io_write_ms",
    "wal_records",
    "wal_bytes",
)
StatementKey = tuple[int, int, bool]
"""Query id, user and whether it ran at top level."""


class CounterColumns(Struct):
    """The row of `statement_counters.sql`: visible statements, those that took most time first, as columns."""

    hidden: int
    query_id: list[int]
    user_id: list[int]
    toplevel: list[bool]
    calls: list[float]
    total_ms: list[float]
    rows: list[float]
    plans: list[float]
    plan_ms: list[float]
    shared_hit: list[float]
    shared_read: list[float]
    shared_dirtied: list[float]
    shared_written: list[float]
    temp_read: list[float]
    temp_written: list[float]
    io_read_ms: list[float]
    io_write_ms: list[float]
    wal_records: list[float]
    wal_bytes: list[float]


class Snapshot(msgspec.Struct):
    """The counters of all visible statements of one database at one moment."""

    captured_at: datetime
    stats_reset: datetime | None
    dealloc: int
    hidden: int
    keys: list[StatementKey]
    metrics: dict[str, array[float]]

    def positions(self) -> dict[StatementKey, int]:
        """Return where each statement stands in the columns."""
        return {key: at for at, key in enumerate(self.keys)}

    def values(self, at: int) -> list[float]:
        """Return one statement's counters in the order of `METRICS`."""
        return [self.metrics[name][at] for name in METRICS]


class _Packed(msgspec.Struct, array_like=True):
    captured_at: datetime
    stats_reset: datetime | None
    dealloc: int
    hidden: int
    keys: list[StatementKey]
    columns: list[bytes]


def make_snapshot(
    columns: CounterColumns, captured_at: datetime, stats_reset: datetime | None, dealloc: int
) -> Snapshot:
    """Return the server's columns as a snapshot."""
    return Snapshot(
        captured_at=captured_at,
        stats_reset=stats_reset,
        dealloc=dealloc,
        hidden=columns.hidden,
        keys=list(zip(columns.query_id, columns.user_id, columns.toplevel, strict=True)),
        metrics={name: array("d", getattr(columns, name)) for name in METRICS},
    )


def pack(snapshot: Snapshot) -> bytes:
    """Return a snapshot as compressed bytes."""
    columns = [snapshot.metrics[name].tobytes() for name in METRICS]
    packed = _Packed(
        snapshot.captured_at, snapshot.stats_reset, snapshot.dealloc, snapshot.hidden, snapshot.keys, columns
    )
    return zlib.compress(msgspec.msgpack.encode(packed), 1)


def unpack(data: bytes) -> Snapshot:
    """Return the snapshot that `pack` made bytes of. Raises: ValueError for bytes that are none."""
    try:
        packed = msgspec.msgpack.decode(zlib.decompress(data), type=_Packed)
    except (zlib.error, msgspec.DecodeError) as exc:
        raise ValueError("not a snapshot") from exc
    if len(packed.columns) != len(METRICS) or any(len(one) != 8 * len(packed.keys) for one in packed.columns):
        raise ValueError("a snapshot of another version")
    metrics = {name: array("d", column) for name, column in zip(METRICS, packed.columns, strict=True)}
    return Snapshot(packed.captured_at, packed.stats_reset, packed.dealloc, packed.hidden, packed.keys, metrics)
