"""Equal lines as one, in the whole or inside windows of time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from mc_kubernetes_logs.parsers.record import ZERO_TIME, Record

_UNITS_NS = {
    "ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
    "d": 86400 * 10**9, "w": 7 * 86400 * 10**9, "y": 365 * 86400 * 10**9,
}  # fmt: skip
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)")
_ZERO = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


def parse_window(text: str) -> int | None:
    """Return a window in nanoseconds; None for what is no duration."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    length = sum(int(float(number) * _UNITS_NS[unit]) for number, unit in parts)
    return length or None


def nanos_since_zero(text: str) -> int:
    """Return a time as nanoseconds since the year 1, where Go's zero time and its truncation start."""
    whole, _, rest = text.partition(".")
    fraction = re.match(r"\d*", rest)
    digits = fraction[0] if fraction else ""
    zone = rest[len(digits) :] if rest else ""
    base = whole + (zone if rest else "")
    at = datetime.fromisoformat(base.replace("Z", "+00:00"))
    since = at - _ZERO
    return (since.days * 86400 + since.seconds) * 10**9 + int(digits.ljust(9, "0")[:9] or 0)


def dedupe(
    records: Sequence[Record], fields: Sequence[str], window: str, effective: Callable[[Record], str]
) -> list[Record]:
    """Return the records by time, equal ones as one with a count. An unusable window only sorts."""
    ordered = sorted(records, key=lambda one: nanos_since_zero(one.first_observed))
    if not window:
        return _collapse(ordered, fields, effective)
    length = parse_window(window)
    if length is None:
        return ordered
    result: list[Record] = []
    bucket: list[Record] = []
    current: int | None = None
    for record in ordered:
        number = nanos_since_zero(record.first_observed) // length
        if number != current and bucket:
            result += _collapse(bucket, fields, effective)
            bucket = []
        current = number
        bucket.append(record)
    return result + _collapse(bucket, fields, effective)


def _collapse(records: Sequence[Record], fields: Sequence[str], effective: Callable[[Record], str]) -> list[Record]:
    kept: dict[str, Record] = {}
    for record in records:
        key = "\0".join(_value(record, field, effective) for field in fields)
        first = kept.get(key)
        if first is None:
            kept[key] = record
        else:
            _merge(first, record, effective)
    return list(kept.values())


def _value(record: Record, field: str, effective: Callable[[Record], str]) -> str:
    match field:
        case "message":
            return effective(record)
        case "firstObserved":
            return record.first_observed
        case "lastObserved":
            return record.last_observed
        case "count":
            return str(record.count)
        case "hash" | "severity" | "source" | "host" | "id":
            value: str = getattr(record, field)
            return value
    return record.labels.get(field.removeprefix("label."), "")


def _merge(first: Record, later: Record, effective: Callable[[Record], str]) -> None:
    first.count += later.count
    if nanos_since_zero(later.first_observed) < nanos_since_zero(first.first_observed):
        first.first_observed = later.first_observed
    known = later.first_observed if later.first_observed != ZERO_TIME else ""
    first.last_observed = later.last_observed or known or first.last_observed
    first.message, first.host = later.message, later.host
    first.severity, first.source = later.severity, later.source
