"""What a plugin writes to stderr and stdout, as log records: hclog JSON, level prefixes, pieces of long lines."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec

from mc_wire.model import JSON

TRACE = 5
LINE_BYTES = 64 * 1024
_LEVELS = {
    "trace": TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
_PREFIXES = {f"[{name.upper()}]": level for name, level in _LEVELS.items()}
_CRASH_MARKS = ("panic: ", "fatal error: ")


class LogLine(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """One record of a plugin's output."""

    at: datetime
    level: str
    message: str
    fields: dict[str, JSON] = {}


class OutputLog:
    """Writes a plugin's output to the host's log and keeps the newest records."""

    def __init__(self, plugin: str, logger_name: str, keep: int) -> None:
        self._plugin = plugin
        self._log = logging.getLogger(f"plugin.{logger_name}")
        self.tail: deque[LogLine] = deque(maxlen=keep)
        self._is_crashing = False

    async def follow(self, stream: asyncio.StreamReader) -> None:
        """Log every line until the stream ends; a line above the limit comes in pieces."""
        async for data, is_piece in split_lines(stream):
            self.take(data, is_piece=is_piece)

    def take(self, data: bytes, *, is_piece: bool = False) -> None:
        """Log one line, or a piece of one."""
        text = data.decode("utf-8", "replace").rstrip("\r")
        if not text:
            return
        level, message, fields = parse_line("" if is_piece else text)
        if is_piece:
            message = text
        if message.startswith(_CRASH_MARKS):
            self._is_crashing = True
        if self._is_crashing:
            level = logging.ERROR
        self.record(level, message, fields)

    def record(self, level: int, message: str, fields: dict[str, JSON]) -> None:
        """Log one record under the plugin's name; braces and percent signs in it mean nothing."""
        name = "trace" if level == TRACE else logging.getLevelName(level).lower()
        self.tail.append(LogLine(at=datetime.now(UTC), level=name, message=message, fields=fields))
        self._log.log(level, "%s", message, extra={"plugin": self._plugin, "fields": fields})

    def last_lines(self, count: int = 3) -> str:
        """Return the newest messages, for the error about a plugin that did not start."""
        return " | ".join(line.message[:300] for line in list(self.tail)[-count:])


async def split_lines(stream: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bool]]:
    """Yield (line without newline, False), or (piece, True) for the parts of a line above the limit."""
    pending = b""
    in_long_line = False
    while chunk := await stream.read(LINE_BYTES):
        pending += chunk
        at = 0
        while True:
            end = pending.find(b"\n", at, at + LINE_BYTES + 1)
            if end >= 0:
                yield pending[at:end], in_long_line
                at, in_long_line = end + 1, False
            elif len(pending) - at > LINE_BYTES:
                yield pending[at : at + LINE_BYTES], True
                at, in_long_line = at + LINE_BYTES, True
            else:
                break
        pending = pending[at:]
    if pending:
        yield pending, in_long_line


def parse_line(text: str) -> tuple[int, str, dict[str, JSON]]:
    """Return level, message and fields of a stderr line, by go-plugin's rules."""
    if text.startswith("{"):
        entry = _hclog(text)
        if entry is not None:
            return entry
    for prefix, level in _PREFIXES.items():
        if text.startswith(prefix):
            return level, text.removeprefix(prefix).lstrip(), {}
    return logging.DEBUG, text, {}


def _hclog(text: str) -> tuple[int, str, dict[str, JSON]] | None:
    """Return a JSON entry's parts; None for plain text, which is also what an unreadable time makes of it."""
    try:
        entry = msgspec.json.decode(text, type=dict[str, JSON])
    except msgspec.DecodeError:
        return None
    level, message, stamp = entry.get("@level"), entry.get("@message"), entry.get("@timestamp")
    if stamp is not None and not _is_time(stamp):
        return None
    if not isinstance(level, str) or level not in _LEVELS:
        return logging.DEBUG, text, {}
    fields = {key: value for key, value in entry.items() if key not in ("@level", "@message", "@timestamp")}
    return _LEVELS[level], message if isinstance(message, str) else "", fields


def _is_time(stamp: JSON) -> bool:
    if not isinstance(stamp, str):
        return False
    try:
        datetime.fromisoformat(stamp)
    except ValueError:
        return False
    return True
