"""Blocks of one source to batches of lines: stamped, told once, in order."""

from __future__ import annotations

from operator import itemgetter

import msgspec

from mc_kubernetes_logs.engine.cutting import Piece
from mc_kubernetes_logs.engine.recent import Recent
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, split_stamp

TEXT_AT = STAMP_LEN + 1
"""Where the message starts in a line of a batch: behind a canonical stamp and a space."""
_MARKS = itemgetter(slice(STAMP_LEN - 1, TEXT_AT))
_ONLY_MARK = {b"Z "}
_NO_LOG = (
    b"unable to retrieve container logs for ",
    b"failed to try resolving symlinks in path ",
    b"rpc error: ",
    b"failed to create fsnotify watcher",
)
"""What the kubelet writes into a log, without a stamp, where it has none to give."""


class Batch(msgspec.Struct):
    """Lines as `<30 bytes of stamp> <message>`, without newlines."""

    lines: list[bytes]
    block: bytes = b""
    """The same joined by newlines, when it is at hand unchanged."""
    cut: int = 0
    """Bytes that the only line lost at its end."""
    is_partial: bool = False
    """The first line may lack its beginning."""
    missing: bytes = b""
    """The kubelet's own words for a log that it does not have."""


def take_piece(piece: Piece, recent: Recent) -> Batch:
    """Return what is new in a piece, and remember it."""
    block = piece.block
    if b"\r" in block:
        while b"\r\n" in block:
            block = block.replace(b"\r\n", b"\n")
        block = block.rstrip(b"\r")
    lines = block.split(b"\n")
    if not recent.is_replaying and _is_plain(lines, recent.high):
        recent.note(lines)
        return Batch(lines, block, piece.cut)
    batch = _take_carefully(lines, recent)
    batch.cut = piece.cut
    return batch


def _is_plain(lines: list[bytes], high: bytes) -> bool:
    """Are all stamps canonical, in order, and not older than what was told? Then nothing can be there twice."""
    if lines[0][:STAMP_LEN] < high or set(map(_MARKS, lines)) != _ONLY_MARK:
        return False
    stamps = [line[:STAMP_LEN] for line in lines]
    if split_stamp(lines[0])[0] != stamps[0] or split_stamp(lines[-1])[0] != stamps[-1]:
        return False
    # What lies between two stamps of one order is a stamp as well.
    return sorted(stamps) == stamps


def _take_carefully(lines: list[bytes], recent: Recent) -> Batch:
    kept: list[bytes] = []
    batch = Batch(kept)
    run: list[bytes] = []
    for line in lines:
        stamp, text = split_stamp(line)
        if stamp == NO_STAMP:
            if text.startswith(_NO_LOG):
                batch.missing = text
            elif text or len(lines) > 1:
                kept.append(NO_STAMP + b" " + text)
            continue
        whole = stamp + b" " + text
        if run and stamp <= recent.high:
            recent.note(run)
            run = []
        if not recent.is_new(whole):
            continue
        kept.append(whole)
        run.append(whole)
        if stamp > recent.high:
            recent.high = stamp
        if len(run) >= 256:
            recent.note(run)
            run = []
    if run:
        recent.note(run)
    return batch
