"""Changes of items as they are kept: equal ones within a window become one row with a count."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from mc_host.state.database import StateDatabase
from mc_wire.model import JSON

MAX_PAGE = 500
_COLUMNS = (
    "id, item_id, change_type, severity, source, summary, created_by, details, fingerprint, count, first_at, created_at"
)


class Change(msgspec.Struct, kw_only=True, rename="camel"):
    """Something that was done to an item (or, with an empty id, to none in particular)."""

    item_id: str
    change_type: str
    source: str
    summary: str
    created_by: str
    fingerprint: str
    details: dict[str, JSON] = {}
    severity: str = "info"


class KeptChange(Change, kw_only=True, rename="camel"):
    """A change with what the store added: how often it was seen within the window, first and last."""

    id: str
    count: int
    first_at: datetime
    created_at: datetime


class ChangeStore:
    """Keeps changes in the state database."""

    def __init__(self, database: StateDatabase, window_s: float, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._window_s = window_s
        self._clock = clock

    async def add(self, change: Change) -> None:
        """Keep a change, or count it with its equal of the last hour, whose window starts again. Raises: StateError."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            details = msgspec.json.encode(change.details, enc_hook=str).decode()
            known = connection.execute(
                "select id from change where item_id = ? and fingerprint = ? and created_at > ?"
                " order by created_at desc limit 1",
                (change.item_id, change.fingerprint, now - self._window_s),
            ).fetchone()
            if known is not None:
                connection.execute(
                    "update change set count = count + 1, created_at = ?, details = ?, severity = ?, summary = ?"
                    " where id = ?",
                    (now, details, change.severity, change.summary, known[0]),
                )
                return
            connection.execute(
                f"insert into change ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
                (
                    str(uuid4()),
                    change.item_id,
                    change.change_type,
                    change.severity,
                    change.source,
                    change.summary,
                    change.created_by,
                    details,
                    change.fingerprint,
                    now,
                    now,
                ),
            )

        await self._database.run(work)

    async def forget_older(self, age_s: float) -> None:
        """Drop changes that were last seen longer ago. Raises: StateError."""
        before = self._clock() - age_s

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("delete from change where created_at < ?", (before,))

        await self._database.run(work)

    async def list_newest(self, item_id: str | None, limit: int = MAX_PAGE) -> list[KeptChange]:
        """Return the newest changes of an item, or of all (None). Raises: StateError."""
        where, values = ("where item_id = ?", [item_id]) if item_id is not None else ("", [])

        def work(connection: sqlite3.Connection) -> list[KeptChange]:
            rows = connection.execute(
                f"select {_COLUMNS} from change {where} order by created_at desc, id limit ?",
                [*values, min(limit, MAX_PAGE)],
            )
            return [_to_change(row) for row in rows]

        return await self._database.run(work)


def _to_change(row: tuple[JSON, ...]) -> KeptChange:
    return KeptChange(
        id=row[0],
        item_id=row[1],
        change_type=row[2],
        severity=row[3],
        source=row[4],
        summary=row[5],
        created_by=row[6],
        details=msgspec.json.decode(row[7], type=dict[str, JSON]),
        fingerprint=row[8],
        count=row[9],
        first_at=datetime.fromtimestamp(row[10], UTC),
        created_at=datetime.fromtimestamp(row[11], UTC),
    )
