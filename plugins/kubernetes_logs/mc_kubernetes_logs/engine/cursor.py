"""Where a client stands in each source, as one opaque text of at most 4 KiB."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Container, Mapping
from datetime import UTC, datetime

import msgspec

from mc_kubernetes_logs.engine.stamps import format_stamp
from mc_sdk import InvalidParams

VERSION = 1
MAX_POSITIONS = 130
"""More would pass 4 KiB; sources without a position of their own go on from the common watermark."""
_HEAD = struct.Struct(">BqH")
_POSITION = struct.Struct(">IIqIB")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Position(msgspec.Struct, frozen=True):
    """The last line told of a source: its stamp, its hash, and how many equal ones were told."""

    stamp: bytes
    line_hash: int
    count: int = 1
    instance: int = 0
    """Hash of the container's id."""


class Cursor(msgspec.Struct):
    """Everything up to `watermark` was told of every source, and exactly up to its position of those that have one."""

    watermark: bytes = b""
    positions: dict[int, Position] = {}


def nanos_of(stamp: bytes) -> int:
    """Return a canonical stamp as nanoseconds since 1970."""
    seconds = datetime.fromisoformat(stamp[:19].decode() + "+00:00") - _EPOCH
    return (seconds.days * 86400 + seconds.seconds) * 10**9 + int(stamp[20:29])


def stamp_of(nanos: int) -> bytes:
    """Return nanoseconds since 1970 as a canonical stamp."""
    seconds, rest = divmod(nanos, 10**9)
    return format_stamp(datetime.fromtimestamp(seconds, UTC), rest)


def encode_cursor(watermark: bytes, positions: Mapping[int, Position], unread: Container[int] = ()) -> str:
    """Return the text. Of too many positions the newest are kept, and the watermark moves back to the others.

    Those of sources that are not read now come first: the watermark, which moves on, says nothing of them.
    """
    kept = sorted(positions.items(), key=lambda one: (one[0] in unread, one[1].stamp), reverse=True)
    if len(kept) > MAX_POSITIONS:
        watermark = min(watermark, kept[-1][1].stamp) if watermark else kept[-1][1].stamp
        kept = kept[:MAX_POSITIONS]
    mark = nanos_of(watermark) if watermark else 0
    body = _HEAD.pack(VERSION, mark, len(kept))
    for key, one in kept:
        body += _POSITION.pack(key, one.instance, nanos_of(one.stamp), one.line_hash, min(one.count, 255))
    return base64.urlsafe_b64encode(body + struct.pack(">I", zlib.crc32(body))).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """Return what a text says; one of another version is empty, so that the stream starts afresh with a gap.

    Raises: InvalidParams for a text that is no cursor.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        body, checksum = raw[:-4], raw[-4:]
        if struct.pack(">I", zlib.crc32(body)) != checksum:
            raise ValueError("checksum")
        if body[0] != VERSION:
            return Cursor()
        _, mark, count = _HEAD.unpack_from(body)
        if len(body) != _HEAD.size + count * _POSITION.size:
            raise ValueError("length")
        cursor = Cursor(stamp_of(mark) if mark else b"")
        for at in range(count):
            key, instance, nanos, line_hash, equal = _POSITION.unpack_from(body, _HEAD.size + at * _POSITION.size)
            cursor.positions[key] = Position(stamp_of(nanos), line_hash, equal, instance)
    except (ValueError, struct.error, binascii.Error, IndexError, OverflowError) as exc:
        raise InvalidParams("cursor: not a cursor of this plugin", field="cursor") from exc
    return cursor
