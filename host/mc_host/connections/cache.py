"""Resolved connections for a few minutes; permission is asked before every hit, by the caller of this cache."""

from __future__ import annotations

import copy
import time
from collections import OrderedDict
from collections.abc import Callable

from mc_wire.model import Connection

MAX_ENTRIES = 256


class ConnectionCache:
    """Least recently used entries fall out; values are copied in and out."""

    def __init__(self, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, Connection]] = OrderedDict()

    def find(self, connection_id: str) -> Connection | None:
        """Return a copy of what was put for this id, unless it is too old."""
        entry = self._entries.get(connection_id)
        if entry is None:
            return None
        put_at, connection = entry
        if self._clock() - put_at >= self._ttl_s:
            del self._entries[connection_id]
            return None
        self._entries.move_to_end(connection_id)
        return copy.deepcopy(connection)

    def put(self, connection_id: str, connection: Connection) -> None:
        """Keep a copy."""
        self._entries[connection_id] = (self._clock(), copy.deepcopy(connection))
        self._entries.move_to_end(connection_id)
        while len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything: the declarations changed."""
        self._entries.clear()
