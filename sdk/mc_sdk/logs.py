"""A plugin's log: one JSON object per line on stderr, in the form that go-plugin hosts read."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import msgspec

_LEVELS = {logging.DEBUG: "debug", logging.INFO: "info", logging.WARNING: "warn", logging.ERROR: "error"}
_MAX_TEXT_CHARS = 16 * 1024
"""Hosts read lines of at most 64 KiB; a longer one comes in pieces or stops an older reader."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class HostFormatter(logging.Formatter):
    """Formats a record as `{"@level", "@message", "@timestamp", "@module", …fields}`; the @ keys are always text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        entry: dict[str, object] = {
            "@level": _LEVELS.get(record.levelno, "info"),
            "@message": record.getMessage()[:_MAX_TEXT_CHARS],
            "@timestamp": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "@module": record.name,
        }
        for key, value in vars(record).items():
            if key not in _STANDARD and not key.startswith("@") and value not in ("", None):
                entry[key] = value if isinstance(value, int | float | bool) else str(value)[:_MAX_TEXT_CHARS]
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)[-_MAX_TEXT_CHARS:]
        return msgspec.json.encode(entry).decode()


def start_logging(level: int = logging.INFO) -> None:
    """Send every logger of this process to stderr, as lines for the host."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(HostFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
