"""For whom a plugin works on a call, and which calls of one plugin process are in flight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mc_host.subjects import Subject


@dataclass(frozen=True)
class Acting:
    """The user behind one call, and how deep in a chain of plugins calling plugins it is."""

    subject: Subject
    depth: int = 0


@dataclass
class CallsInFlight:
    """What a call back from a plugin without tokens is held against."""

    _calls: list[Acting] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._calls)

    @contextmanager
    def note(self, acting: Acting) -> Iterator[None]:
        """Count a call for as long as the block runs."""
        self._calls.append(acting)
        try:
            yield
        finally:
            self._calls.remove(acting)

    def find_only(self) -> Acting | None:
        """Return for whom the plugin works, at the deepest of the calls; None when there are none or several users."""
        subjects = {call.subject for call in self._calls}
        if len(subjects) != 1:
            return None
        return Acting(subjects.pop(), max(call.depth for call in self._calls))
