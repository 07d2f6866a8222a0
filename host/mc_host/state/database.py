"""The SQLite file: brought up to date, kept aside when damaged, and nothing that was acknowledged is ever lost."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from mc_host.state.migrations import MIGRATIONS
from mc_wire.errors import OperationError

log = logging.getLogger(__name__)
T = TypeVar("T")

FILE_NAME = "state.db"
BUSY_TIMEOUT_S = 5.0
"""How long a write waits for another process of this host, a command run without `serve` for one."""


class StateError(OperationError):
    """The state cannot be opened, read or written; the text says which file and why."""


class StateDatabase:
    """One connection, one statement at a time, off the loop."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        # A thread of its own: waiting for the disk must not take the threads that read secrets and files.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state")

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a transaction; it is on disk when this returns, whole or not at all. Raises: StateError.

        Work that has begun when its caller is cancelled goes on to its end.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with _transaction(self._connection):
                return work(self._connection)
        except sqlite3.Error as exc:
            raise StateError(f"state {self._path}: {_describe(exc)}") from exc

    def close(self) -> None:
        """Close the file; work under way is waited for."""
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # Immediate: one that reads first and then writes would fail, not wait, when another process wrote in between.
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def open_database(state_dir: Path) -> StateDatabase:
    """Return the state folder's database, made or brought up to date. It blocks. Raises: StateError.

    A damaged file is renamed and a fresh one made, since a host without its history is better than none.
    """
    path = state_dir / FILE_NAME
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _open(path)
    except sqlite3.DatabaseError as exc:
        if not _is_damage(exc):
            raise StateError(f"state {path} cannot be opened: {_describe(exc)}") from exc
        aside = _move_aside(path)
        log.error("the state was damaged and starts afresh", extra={"error": str(exc), "kept_as": str(aside)})
    except OSError as exc:
        raise StateError(f"state folder {state_dir} cannot be used: {exc.strerror}") from exc
    try:
        return _open(path)
    except sqlite3.Error as exc:
        raise StateError(f"state {path} cannot be opened: {_describe(exc)}") from exc


def _open(path: Path) -> StateDatabase:
    path.touch(mode=0o600)
    path.chmod(0o600)
    connection = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        # Flushed at every commit, so that what was answered survives a power cut and not just a killed process.
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        _check(connection)
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return StateDatabase(connection, path)


def _check(connection: sqlite3.Connection) -> None:
    found = connection.execute("pragma quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed: {found}")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    # All steps and their number in one transaction: a host killed in between begins again.
    with _transaction(connection):
        version = connection.execute("pragma user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StateError(
                f"state {path} was written by a newer host (version {version}, this one knows {len(MIGRATIONS)})",
                hint="start the newer host, or choose another --state",
            )
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(MIGRATIONS)}")


def _is_damage(exc: sqlite3.DatabaseError) -> bool:
    name = getattr(exc, "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in str(exc)


def _move_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1_000_000:06}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _describe(exc: sqlite3.Error) -> str:
    if getattr(exc, "sqlite_errorname", "") == "SQLITE_FULL":
        return "the disk is full"
    return str(exc)
