"""Time stamps of the kubelet as bytes that compare, and the times that callers give."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from mc_sdk import InvalidParams

STAMP_LEN = 30
"""`2026-11-22T10:00:00.000000001Z`: what the kubelet writes for a node in UTC, and what all stamps become here."""
NO_STAMP = b" " * STAMP_LEN
"""Stands where a line has none."""
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?: |$)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)")


def split_stamp(line: bytes) -> tuple[bytes, bytes]:
    """Return a line's stamp in canonical form and its message; a line without one has NO_STAMP."""
    found = _STAMP.match(line)
    if found is None:
        return NO_STAMP, line
    stamp = canonical(found[1], found[2] or b"", found[3])
    return stamp, line[found.end() :]


def canonical(seconds: bytes, fraction: bytes, zone: bytes) -> bytes:
    """Return a stamp's parts in UTC with nine digits."""
    if zone != b"Z":
        try:
            at = datetime.fromisoformat((seconds + zone).decode()).astimezone(UTC)
        except ValueError:
            return NO_STAMP
        seconds = at.strftime("%Y-%m-%dT%H:%M:%S").encode()
    return seconds + b"." + fraction.ljust(9, b"0") + b"Z"


def format_stamp(at: datetime, nanos: int | None = None) -> bytes:
    """Return a time as a stamp."""
    at = at.astimezone(UTC)
    fraction = at.microsecond * 1000 if nanos is None else nanos
    return f"{at:%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z".encode()


def floor_second(stamp: bytes) -> str:
    """Return the whole second of a stamp, as `sinceTime` honours it."""
    return stamp[:19].decode() + "Z"


def parse_stamp(stamp: bytes) -> datetime:
    """Return a canonical stamp as a time, to the microsecond."""
    return datetime.fromisoformat(stamp[:26].decode() + "+00:00")


def shift(stamp: bytes, seconds: float) -> bytes:
    """Return a stamp moved by some seconds."""
    nanos = int(stamp[20:29]) + round((seconds % 1) * 1e9)
    at = datetime.fromisoformat(stamp[:19].decode() + "+00:00") + timedelta(seconds=seconds // 1 + nanos // 10**9)
    return format_stamp(at, nanos % 10**9)


def trimmed(stamp: bytes) -> bytes:
    """Return a stamp without its trailing zeros: `…14.120000000Z` as `…14.12Z`."""
    return stamp[:29].rstrip(b"0").rstrip(b".") + b"Z"


def parse_time(text: str, field: str, now: datetime) -> bytes:
    """Return the stamp that a duration before `now` or an RFC 3339 time means. Raises: InvalidParams."""
    text = text.strip()
    parts = _DURATION_PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return format_stamp(now - timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts)))
    stamp, rest = split_stamp(text.encode())
    if stamp == NO_STAMP or rest:
        raise InvalidParams(f"{field}: {text!r} is neither a duration such as 15m nor an RFC 3339 time", field=field)
    try:
        parse_stamp(stamp)
    except ValueError as exc:
        raise InvalidParams(f"{field}: {text!r}: {exc}", field=field) from exc
    return stamp
