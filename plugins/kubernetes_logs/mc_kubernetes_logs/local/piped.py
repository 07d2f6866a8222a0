"""Standard input as a log: levels, filters and stack traces as everywhere, for what other programs write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from mc_kubernetes_logs.engine.batches import Batch
from mc_kubernetes_logs.engine.cutting import LineCutter
from mc_kubernetes_logs.engine.filters import SourceFilter
from mc_kubernetes_logs.engine.formats import make_format
from mc_kubernetes_logs.engine.rendering import Extra, Extras, add_fields
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.local.decoding import LineJoiner, pick_decoder
from mc_kubernetes_logs.params import LineParams
from mc_kubernetes_logs.reading import filter_of
from mc_sdk import InvalidParams

BLOCK_BYTES = 64 * 1024


def read_piped(params: LineParams) -> Iterator[bytes]:
    """Yield rows of JSON for the lines that pass. Raises: InvalidParams."""
    if params.tail_lines is not None:
        raise InvalidParams("standard input is read from its start: put `tail -n` in front", field="tailLines")
    accepts, format, source = SourceFilter(filter_of(params), with_levels=True), make_format("ndjson"), _SOURCE
    joiner: LineJoiner | None = None
    told = 0
    for block, cut in _read_blocks():
        raw = block.split(b"\n")
        joiner = joiner or LineJoiner(pick_decoder(raw[0]))
        lines = [line for line, _ in joiner.take(raw, datetime.now(UTC))]
        kept, levels = accepts.apply(Batch(lines)) if lines else ([], [])
        if params.head:
            kept, levels = kept[: params.head - told], levels[: params.head - told]
        if kept:
            told += len(kept)
            extras: Extras = {0: Extra(cut=cut)} if cut else {}
            if params.fields:
                add_fields(kept, extras)
            yield format.rows(source, kept, levels, extras)
        if accepts.is_past_until or (params.head and told >= params.head):
            return


def _read_blocks() -> Iterator[tuple[bytes, int]]:
    cutter = LineCutter()
    while chunk := os.read(0, BLOCK_BYTES):
        yield from ((piece.block, piece.cut) for piece in cutter.feed(chunk))
    yield from ((piece.block, piece.cut) for piece in cutter.end())


_SOURCE = Source(0, "", "", "", "")
