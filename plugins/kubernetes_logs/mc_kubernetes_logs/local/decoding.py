"""Lines of local files to stamps and messages: plain text, what a container runtime writes, Docker's JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from mc_kubernetes_logs.engine.stamps import NO_STAMP, canonical, format_stamp, split_stamp

_LEADING = re.compile(
    rb"[\[(]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?"
)
_CRI = re.compile(rb"(stdout|stderr) ([FP])(?::\S*)? ")


class Line(msgspec.Struct):
    """One line; `stamp` is NO_STAMP when it has none of its own."""

    stamp: bytes
    text: bytes
    stream: str = ""
    is_partial: bool = False
    """The next line goes on with this one."""


class _JsonTimes(msgspec.Struct):
    timestamp: msgspec.Raw = msgspec.Raw()
    at_timestamp: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="@timestamp")
    time: msgspec.Raw = msgspec.Raw()
    ts: msgspec.Raw = msgspec.Raw()
    datetime: msgspec.Raw = msgspec.Raw()


_JSON_TIMES = msgspec.json.Decoder(_JsonTimes)
_LOGFMT_TIME = re.compile(rb'(?:timestamp|time|ts|t|at)="?')
_EPOCH = re.compile(rb"([12]\d{9}(?:\d{3}|\d{6}|\d{9})?)(?:\.(\d+))?")
Decoder = Callable[[bytes], Line]


def decode_plain(line: bytes) -> Line:
    """Return a line of an application's own log; the stamp stays in the text, which is shown as it was written.

    It stands in front, or is the time of a JSON or logfmt line.
    """
    if line[:1] == b"{":
        return Line(_read_json_time(line), line)
    keyed = _LOGFMT_TIME.match(line)
    return Line(_read_time(line[keyed.end() :] if keyed is not None else line), line)


def _read_json_time(line: bytes) -> bytes:
    try:
        found = _JSON_TIMES.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return NO_STAMP
    for raw in (found.timestamp, found.at_timestamp, found.time, found.ts, found.datetime):
        value = bytes(raw)
        stamp = _read_time(value[1:]) if value[:1] == b'"' else _read_epoch(value)
        if stamp != NO_STAMP:
            return stamp
    return NO_STAMP


def _read_time(text: bytes) -> bytes:
    """Return the time that a text begins with."""
    found = _LEADING.match(text)
    if found is None:
        return NO_STAMP
    day, fraction = b"-".join(found.group(1, 2, 3)), found[5] or b""
    zone = found[6] or _local_zone(day, found[4])
    if len(zone) == 5:
        zone = zone[:3] + b":" + zone[3:]
    try:
        datetime.fromisoformat((day + b"T" + found[4]).decode())
    except ValueError:
        return NO_STAMP
    return canonical(day + b"T" + found[4], fraction, zone)


def _read_epoch(text: bytes) -> bytes:
    """Return the time that a number of seconds, milli-, micro- or nanoseconds since 1970 means."""
    found = _EPOCH.fullmatch(text)
    if found is None:
        return NO_STAMP
    digits = found[1] + (found[2] or b"")[:9]
    seconds, fraction = digits[:10], digits[10:19].ljust(9, b"0")
    return format_stamp(datetime.fromtimestamp(int(seconds), UTC), int(fraction))


def _local_zone(day: bytes, clock: bytes) -> bytes:
    """A stamp without a zone is of this machine's."""
    try:
        at = datetime.fromisoformat((day + b"T" + clock).decode()).astimezone()
    except ValueError:
        return b"Z"
    text = at.strftime("%z")
    return b"Z" if text == "+0000" else f"{text[:3]}:{text[3:5]}".encode()


def decode_cri(line: bytes) -> Line:
    """Return a line as containerd and CRI-O write it: stamp, stream, tag, text."""
    stamp, rest = split_stamp(line)
    found = _CRI.match(rest)
    if stamp == NO_STAMP or found is None:
        return Line(NO_STAMP, line)
    return Line(stamp, rest[found.end() :], found[1].decode(), found[2] == b"P")


class _DockerLine(msgspec.Struct):
    log: str = ""
    stream: str = ""
    time: str = ""


_DOCKER = msgspec.json.Decoder(_DockerLine)


def decode_docker(line: bytes) -> Line:
    """Return a line as Docker's json-file driver writes it."""
    try:
        found = _DOCKER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Line(NO_STAMP, line)
    stamp, _ = split_stamp(found.time.encode())
    text = found.log.encode("utf-8", "replace")
    return Line(stamp, text.rstrip(b"\r\n"), found.stream, not text.endswith(b"\n"))


def pick_decoder(first: bytes) -> Decoder:
    """Return the decoder for a file whose first line is `first`."""
    if first.startswith(b'{"log":'):
        return decode_docker
    if decode_cri(first).stream:
        return decode_cri
    return decode_plain


class LineJoiner:
    """Lines of one file to canonical lines: each has a stamp that is not older than the one before it."""

    def __init__(self, decode: Decoder) -> None:
        self._decode = decode
        self._last = b""
        self._open: Line | None = None

    def take(self, raw: list[bytes], now: datetime | None) -> list[tuple[bytes, str]]:
        """Return (canonical line, stream). A line without a stamp has its forerunner's; `now` stands for the first."""
        taken = []
        for one in raw:
            line = self._decode(one.rstrip(b"\r"))
            if self._open is not None:
                line = Line(self._open.stamp, self._open.text + line.text, line.stream, line.is_partial)
                self._open = None
            if line.is_partial and len(line.text) < 256 * 1024:
                self._open = line
                continue
            taken.append((self._stamped(line, now) + b" " + line.text, line.stream))
        return taken

    def _stamped(self, line: Line, now: datetime | None) -> bytes:
        if line.stamp != NO_STAMP:
            self._last = line.stamp
        elif not self._last and now is not None:
            return format_stamp(now)
        return self._last or NO_STAMP
