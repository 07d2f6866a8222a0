"""The lines around one line, found in passing: of a log of any length only they are kept."""

from __future__ import annotations

from collections import deque

from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN

_TEXT_AT = STAMP_LEN + 1
_BEHIND = 2000
"""Lines beyond the stamp that are still looked at: stamps of one container go back by fractions of a millisecond."""


class _Place:
    """A place in the log: the lines before it, and room for those from it on."""

    def __init__(self, before: deque[bytes]) -> None:
        self.before = list(before)
        self.lines: list[bytes] = []


class Surroundings:
    """Takes canonical lines in order until `is_done`; then `lines` are those around the wanted one.

    The wanted line has the stamp and begins with the text. Where the log's own lines have no stamp (it then is the
    time at which the line was seen) the last line with the text is meant. Else the place where it would stand.
    """

    def __init__(self, stamp: bytes, text: bytes, before: int, after: int) -> None:
        self._stamp = stamp
        self._text = text
        self._before: deque[bytes] = deque(maxlen=before)
        self._count = before
        self._after = after
        self._found: _Place | None = None
        self._stampless: _Place | None = None
        self._nearest: _Place | None = None
        self._behind = 0

    @property
    def is_done(self) -> bool:
        """Is there nothing more to learn from later lines?"""
        if self._found is not None:
            return len(self._found.lines) > self._after
        return self._nearest is not None and self._behind > max(_BEHIND, self._after)

    def take(self, lines: list[bytes]) -> None:
        """Look at the next lines."""
        for line in lines:
            if self._found is None:
                self._look(line)
            for place in (self._found, self._stampless, self._nearest):
                if place is not None and len(place.lines) <= self._after:
                    place.lines.append(line)
            if self._count:
                self._before.append(line)
            if self.is_done:
                return

    def _look(self, line: bytes) -> None:
        stamp = line[:STAMP_LEN]
        if stamp == NO_STAMP:
            if self._text and line.startswith(self._text, _TEXT_AT):
                self._stampless = _Place(self._before)
        elif stamp == self._stamp and line.startswith(self._text, _TEXT_AT):
            self._found = _Place(self._before)
        elif stamp >= self._stamp != NO_STAMP:
            self._nearest = self._nearest or _Place(self._before)
            self._behind += stamp > self._stamp

    @property
    def lines(self) -> list[bytes]:
        """The lines before the wanted one, it, and those after it."""
        place = self._found or self._stampless or self._nearest
        return [*place.before, *place.lines] if place is not None else list(self._before)

    @property
    def index(self) -> int:
        """Where the wanted line is in `lines`; -1 when it is not there."""
        place = self._found or self._stampless
        return len(place.before) if place is not None else -1

    @property
    def has_all_before(self) -> bool:
        """Are there as many lines before it as were asked for?"""
        place = self._found or self._stampless or self._nearest
        return len(place.before if place is not None else self._before) == self._count

    @property
    def is_complete(self) -> bool:
        """Are there as many lines as were asked for on both sides?"""
        place = self._found or self._stampless or self._nearest
        return self.has_all_before and place is not None and len(place.lines) > self._after
