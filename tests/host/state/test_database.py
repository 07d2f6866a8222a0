"""The state file: migrated, private, kept aside when damaged, never less than what was acknowledged."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mc_host.state.changes import Change, ChangeStore
from mc_host.state.database import FILE_NAME, StateDatabase, StateError, open_database
from mc_host.state.migrations import MIGRATIONS

WRITER = """
import asyncio, sys
from pathlib import Path
from mc_host.state.changes import Change, ChangeStore
from mc_host.state.database import open_database

async def main():
    store = ChangeStore(open_database(Path(sys.argv[1])), 3600)
    number = 0
    while True:
        text = f"{number:06}"
        named = {"summary": text, "fingerprint": text}
        await store.add(Change(item_id="i", change_type="t", source="s", created_by="u", **named))
        print(text, flush=True)
        number += 1

asyncio.run(main())
"""


def change(text: str, **details: str) -> Change:
    """Return a change that is equal to others of the same text."""
    return Change(
        item_id="i", change_type="t", source="s", summary=text, created_by="u", fingerprint=text, details=details
    )


async def summaries(database: StateDatabase) -> list[str]:
    """Return what is kept."""
    return await database.run(lambda c: [row[0] for row in c.execute("select summary from change order by summary")])


async def test_file_is_private_and_up_to_date_and_opened_again(tmp_path: Path) -> None:
    database = open_database(tmp_path / "state")
    path = tmp_path / "state" / FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert await database.run(lambda c: c.execute("pragma user_version").fetchone()[0]) == len(MIGRATIONS)
    assert await database.run(lambda c: c.execute("pragma journal_mode").fetchone()[0]) == "wal"
    await ChangeStore(database, 60).add(change("kept"))
    database.close()
    again = open_database(tmp_path / "state")
    assert await summaries(again) == ["kept"]
    again.close()


async def test_failed_work_leaves_nothing_behind(tmp_path: Path) -> None:
    database = open_database(tmp_path)

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("create table half (a)")
        connection.execute("insert into nowhere values (1)")

    with pytest.raises(StateError, match="no such table: nowhere"):
        await database.run(work)
    tables = await database.run(
        lambda c: c.execute("select count(*) from sqlite_master where name = 'half'").fetchone()
    )
    assert tables == (0,)
    database.close()


async def test_host_killed_while_writing_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    for round_ in range(3):
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path / str(round_)), stdout=asyncio.subprocess.PIPE
        )
        assert writer.stdout
        seen = [(await writer.stdout.readline()).decode().strip() for _ in range(40)]
        os.kill(writer.pid, signal.SIGKILL)
        rest = (await writer.stdout.read()).decode()
        await writer.wait()
        seen += [line for line in rest.split("\n")[:-1] if line]
        database = open_database(tmp_path / str(round_))
        assert set(seen) <= set(await summaries(database)) and len(seen) >= 40
        database.close()


@pytest.mark.parametrize("damage", ["garbage", "page", "short"])
async def test_damaged_file_is_kept_aside_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    database = open_database(tmp_path)
    store = ChangeStore(database, 60)
    for number in range(50):
        await store.add(change(f"{number}", filler="x" * 2000))
    database.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    broken = {
        "garbage": b"not a database" * 500,
        "page": whole[:4096] + b"\xff" * 8192 + whole[12288:],
        "short": whole[:9000],
    }
    path.write_bytes(broken[damage])
    with caplog.at_level(logging.ERROR):
        again = open_database(tmp_path)
    await ChangeStore(again, 60).add(change("new"))
    assert await summaries(again) == ["new"]
    again.close()
    [aside] = tmp_path.glob(f"{FILE_NAME}.damaged-*[0-9]")
    assert aside.read_bytes() == broken[damage]
    [record] = [one for one in caplog.records if one.getMessage() == "the state was damaged and starts afresh"]
    assert record.__dict__["kept_as"] == str(aside)


def test_state_of_a_newer_host_is_left_alone(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("pragma user_version = 999")
    connection.close()
    with pytest.raises(StateError, match="written by a newer host"):
        open_database(tmp_path)
    assert not list(tmp_path.glob("*.damaged*"))


async def test_full_disk_is_said_plainly_and_what_was_kept_stays(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    store = ChangeStore(database, 60)
    await store.add(change("kept"))
    pages = await database.run(lambda c: c.execute("pragma page_count").fetchone()[0])
    await database.run(lambda c: c.execute(f"pragma max_page_count = {pages}").fetchone())
    with pytest.raises(StateError, match="the disk is full"):
        for number in range(100):
            await store.add(change(f"n{number}", filler="x" * 4000))
    assert "kept" in await summaries(database)
    database.close()


def test_serve_says_what_is_wrong_with_its_state(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / FILE_NAME).mkdir()
    command = [str(Path(sys.executable).parent / "mission-control"), "serve", "--port", "0", "--state", str(state)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1 and f"state {state / FILE_NAME} cannot be opened" in done.stderr
