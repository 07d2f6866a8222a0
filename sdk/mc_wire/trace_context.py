"""W3C Trace Context (https://www.w3.org/TR/trace-context/): read, started where there is none, and handed on as it is.

Neither host nor plugin makes spans of its own, so the caller's span stays the parent of whatever comes next.
"""

from __future__ import annotations

import os
import re
from contextvars import ContextVar
from typing import NamedTuple

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
"""Header and gRPC metadata names."""
_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?", re.ASCII)
_STATE = re.compile(r"[\x20-\x7e]{1,512}")


class TraceContext(NamedTuple):
    """Which trace a request is part of; empty: none."""

    parent: str = ""
    state: str = ""

    @property
    def trace_id(self) -> str:
        """32 hex digits, or nothing."""
        return self.parent[3:35]

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that hand it on."""
        pairs = ((TRACEPARENT, self.parent), (TRACESTATE, self.state))
        return tuple((name, value) for name, value in pairs if value)


NO_TRACE = TraceContext()
CURRENT: ContextVar[TraceContext] = ContextVar("trace_context", default=NO_TRACE)
"""Of the request that this task works on."""


def read_trace(parent: str, state: str = "") -> TraceContext:
    """Return what the two headers say; whatever the specification calls invalid counts as absent."""
    if len(parent) > 255 or not (found := _PARENT.fullmatch(parent)):
        return TraceContext()
    if parent.startswith("00") and found.end(1) + 20 != len(parent):
        return TraceContext()
    return TraceContext(parent, state if _STATE.fullmatch(state) else "")


def start_trace() -> TraceContext:
    """Return a new trace that nobody samples."""
    return TraceContext(f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00")
