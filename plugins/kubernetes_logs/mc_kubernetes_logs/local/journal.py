"""The system's journal, read through journalctl."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from mc_kubernetes_logs.engine.stamps import format_stamp, parse_stamp
from mc_sdk import JSON, InvalidParams, NotFound, TargetError

_MOST_BEFORE = 1100
"""Entries that are read for those before a line; a caller may ask for a thousand."""
_LINE_LIMIT = 16 * 1024 * 1024
FILTERS = {"unit": "--unit", "identifier": "--identifier", "userUnit": "--user-unit", "boot": "--boot"}
"""Properties of the item, and what they become."""


class _Entry(msgspec.Struct):
    message: str | list[int] | None = msgspec.field(default="", name="MESSAGE")
    priority: str = msgspec.field(default="", name="PRIORITY")
    at: str = msgspec.field(default="0", name="__REALTIME_TIMESTAMP")
    identifier: str | list[str] = msgspec.field(default="", name="SYSLOG_IDENTIFIER")
    unit: str | list[str] = msgspec.field(default="", name="_SYSTEMD_UNIT")


_ENTRY = msgspec.json.Decoder(_Entry)


def journal_command(
    properties: dict[str, JSON], *, tail_lines: int | None, is_following: bool, limits: Sequence[str] = ()
) -> list[str]:
    """Return the command for an item. Raises: NotFound without journalctl, InvalidParams for odd properties."""
    program = shutil.which("journalctl")
    if program is None:
        raise NotFound("journalctl is not installed on this machine")
    command = [program, "--output=json", "--no-pager", "--quiet"]
    for name, flag in FILTERS.items():
        value = properties.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str) or value.startswith("-"):
            raise InvalidParams(f"the item's {name} must be a text", field=name)
        command.append(f"{flag}={value}")
    directory = properties.get("directory")
    if isinstance(directory, str) and directory.startswith("/"):
        command.append(f"--directory={directory}")
    command.append(f"--lines={'all' if tail_lines is None else tail_lines}")
    command += limits
    return [*command, "--follow"] if is_following else command


async def journal_around(properties: dict[str, JSON], stamp: bytes) -> AsyncGenerator[list[bytes]]:
    """Yield the entries up to the second of a stamp, as many as a caller may want, then those after it."""
    second = int(parse_stamp(stamp).timestamp())
    until = journal_command(properties, tail_lines=_MOST_BEFORE, is_following=False, limits=[f"--until=@{second}"])
    since = journal_command(properties, tail_lines=None, is_following=False, limits=[f"--since=@{second}"])
    async with aclosing(read_journal(until)) as entries:
        # Both commands tell of an entry at the very second; the second one does it here.
        yield [line async for line, _ in entries if line[:19] != stamp[:19]]
    async with aclosing(read_journal(since)) as entries:
        async for line, _ in entries:
            yield [line]


async def read_journal(command: list[str]) -> AsyncGenerator[tuple[bytes, str]]:
    """Yield (canonical line, unit or program) until the journal ends, or the reader closes."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        while raw := await process.stdout.readline():
            entry = decode_entry(raw)
            if entry is not None:
                yield entry
        if await process.wait():
            raise TargetError(f"journalctl: {(await process.stderr.read(2000)).decode(errors='replace').strip()}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def decode_entry(raw: bytes) -> tuple[bytes, str] | None:
    """Return a journal entry as a canonical line whose level shows; None for one that cannot be read."""
    try:
        entry = _ENTRY.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    micros = int(entry.at)
    stamp = format_stamp(datetime.fromtimestamp(micros // 10**6, UTC), micros % 10**6 * 1000)
    text = bytes(entry.message) if isinstance(entry.message, list) else (entry.message or "").encode()
    name = _first(entry.identifier) or _first(entry.unit)
    priority = f"<{entry.priority}>".encode() if entry.priority else b""
    return stamp + b" " + priority + f"{name}: ".encode() + text.replace(b"\n", b" \xe2\x8f\x8e "), name


def _first(value: str | list[str]) -> str:
    return value if isinstance(value, str) else (value[0] if value else "")
