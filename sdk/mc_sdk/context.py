"""What an operation's function gets beside its params."""

from __future__ import annotations

import logging
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from mc_sdk.host_client import HostClient
from mc_wire.errors import InvalidParams
from mc_wire.model import Caller, LogEntry

S = TypeVar("S")

_MAX_ENTRIES = 200


class InvocationLog(logging.LoggerAdapter[logging.Logger]):
    """Logs to the plugin's log with the invocation's fields, and keeps the first 200 records for the caller."""

    def __init__(self, logger: logging.Logger, fields: dict[str, str]) -> None:
        super().__init__(logger, fields)
        self.entries: list[LogEntry] = []

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Merge the call's own `extra` into the invocation's fields."""
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log one record and keep it."""
        if self.isEnabledFor(level) and len(self.entries) < _MAX_ENTRIES:
            fields = {key: str(value) for key, value in (kwargs.get("extra") or {}).items()}
            text = str(msg) % args if args else str(msg)
            name = logging.getLevelName(level).lower()
            self.entries.append(LogEntry(level=name, message=text, fields=fields, at=datetime.now(UTC)))
        super().log(level, msg, *args, **kwargs)


class Context(msgspec.Struct, Generic[S], frozen=True):
    """One invocation: who calls, on which item, until when, and the way back to the host."""

    operation: str
    item_id: str
    """Catalog item; empty for a global operation."""
    caller: Caller
    """The user, or an empty caller when the host names none."""
    roles: frozenset[str]
    """Plugin roles that the host granted to the caller on this item."""
    deadline: float | None
    """`time.monotonic()` seconds after which nobody waits for the answer; None: the caller waits for ever."""
    host: HostClient
    settings: Any
    """The plugin's settings struct."""
    state: S
    log: InvocationLog

    def remaining_s(self) -> float | None:
        """Return the seconds left until the deadline, at least 0; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def require_item(self) -> str:
        """Return the item's id. Raises: InvalidParams when the call names none."""
        if not self.item_id:
            raise InvalidParams(f"operation {self.operation!r} needs a catalog item", field="config_id")
        return self.item_id
