"""Bytes as they arrive to whole lines, with long ones cut and counted instead of kept."""

from __future__ import annotations

import msgspec

LINE_LIMIT_BYTES = 256 * 1024
"""Longest message that is shown; the rest of a line is counted."""


class Piece(msgspec.Struct):
    """Whole lines without the last newline; `cut` bytes are missing at the end of the only line of a cut piece."""

    block: bytes
    cut: int = 0
    is_unfinished: bool = False
    """The source ended without a newline."""


class LineCutter:
    """Keeps what is unfinished between two blocks, at most `LINE_LIMIT_BYTES` of it."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._size = 0
        self._cut = 0

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return what became whole with `chunk`."""
        end = chunk.rfind(b"\n")
        if end < 0:
            self._keep(chunk)
            return []
        pieces = []
        if self._cut:
            first = chunk.find(b"\n")
            pieces.append(Piece(b"".join(self._rest), self._cut + first))
            self._rest, self._size, self._cut = [], 0, 0
            block = chunk[first + 1 : end] if first < end else b""
            has_block = first < end
        else:
            self._rest.append(chunk[:end])
            block, has_block = b"".join(self._rest), True
            self._rest, self._size = [], 0
        if has_block:
            pieces += _split_long(block) if len(block) > LINE_LIMIT_BYTES else [Piece(block)]
        self._keep(chunk[end + 1 :])
        return pieces

    def _keep(self, part: bytes) -> None:
        if not part:
            return
        room = LINE_LIMIT_BYTES - self._size
        if room <= 0:
            self._cut += len(part)
            return
        self._rest.append(part[:room])
        self._size += len(self._rest[-1])
        self._cut += max(0, len(part) - room)

    def end(self) -> list[Piece]:
        """Return the line that has no newline, if there is one."""
        if not self._rest:
            return []
        piece = Piece(b"".join(self._rest), self._cut, is_unfinished=True)
        self._rest, self._size, self._cut = [], 0, 0
        return [piece]

    def forget(self) -> None:
        """Drop what is unfinished: the connection broke, and the line will be read again."""
        self._rest, self._size, self._cut = [], 0, 0


def _split_long(block: bytes) -> list[Piece]:
    lines = block.split(b"\n")
    if max(map(len, lines)) <= LINE_LIMIT_BYTES:
        return [Piece(block)]
    pieces: list[Piece] = []
    fitting: list[bytes] = []
    for line in lines:
        if len(line) <= LINE_LIMIT_BYTES:
            fitting.append(line)
            continue
        if fitting:
            pieces.append(Piece(b"\n".join(fitting)))
            fitting = []
        pieces.append(Piece(line[:LINE_LIMIT_BYTES], len(line) - LINE_LIMIT_BYTES))
    if fitting:
        pieces.append(Piece(b"\n".join(fitting)))
    return pieces
