"""A line as post-processing sees it."""

from __future__ import annotations

import msgspec

from mc_sdk import JSON

ZERO_TIME = "0001-01-01T00:00:00Z"


class Record(msgspec.Struct):
    """One log line, mutable: parsers fill it in place."""

    message: str = ""
    id: str = ""
    first_observed: str = ZERO_TIME
    last_observed: str = ""
    count: int = 1
    hash: str = ""
    severity: str = ""
    source: str = ""
    host: str = ""
    labels: dict[str, str] = {}

    def render(self) -> dict[str, JSON]:
        """Return the JSON object of the released plugin: what is empty is left out, time and message never are."""
        shown: dict[str, JSON] = {"id": self.id} if self.id else {}
        shown["firstObserved"] = self.first_observed
        rest = {"lastObserved": self.last_observed, "count": self.count}
        shown |= {name: value for name, value in rest.items() if value}
        shown["message"] = self.message
        more = {"hash": self.hash, "severity": self.severity, "source": self.source, "host": self.host}
        shown |= {name: value for name, value in more.items() if value}
        if self.labels:
            shown["labels"] = dict(sorted(self.labels.items()))
        return shown
