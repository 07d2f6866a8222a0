"""The host's log on stderr: JSON lines for machines, one readable line per record on a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from mc_wire.model import JSON
from mc_wire.trace_context import CURRENT

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "fields", "taskName"}


def record_fields(record: logging.LogRecord) -> dict[str, JSON]:
    """Return what a log call passed as `extra`; a plugin's own fields never shadow the host's."""
    extra = {key: value for key, value in vars(record).items() if key not in _PLAIN and value not in ("", None)}
    trace_id = CURRENT.get().trace_id
    if trace_id:
        extra["trace_id"] = trace_id
    nested = getattr(record, "fields", None)
    own = {str(key): value for key, value in nested.items()} if isinstance(nested, Mapping) else {}
    return {**own, **extra}


class JsonFormatter(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, JSON] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{f"{key}_" if key in ("time", "level", "logger") else key: v for key, v in record_fields(record).items()},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class TerminalFormatter(logging.Formatter):
    """Time, level, message, then fields as key=value; control characters of a plugin's text are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S.%f")[:-3]
        fields = " ".join(f"{key}={_printable(str(value))}" for key, value in record_fields(record).items())
        source = f"{record.name.removeprefix('plugin.')}: " if record.name.startswith("plugin.") else ""
        line = f"{at} {record.levelname.lower():7} {source}{_printable(record.getMessage())}"
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{line}  {fields}{trace}" if fields else line + trace


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def setup_logging(level: int) -> None:
    """Send the process' records from `level` on to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TerminalFormatter() if sys.stderr.isatty() else JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("asyncio", "grpc", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
