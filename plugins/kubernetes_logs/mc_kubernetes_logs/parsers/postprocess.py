"""parse, then match, then dedupe: what `tail` does with its lines when asked to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mc_kubernetes_logs.parsers.formats import PARSERS
from mc_kubernetes_logs.parsers.record import Record
from mc_kubernetes_logs.parsers.windows import dedupe
from mc_sdk import JSON, InvalidParams

DEFAULT_MESSAGE_KEYS = ("msg", "message")


class Mapping(msgspec.Struct):
    """Label keys that stand in for an empty message."""

    message: list[str] | None = None


class Dedupe(msgspec.Struct):
    """Which fields make lines equal, inside which window."""

    window: str = ""
    fields: list[str] = []


class PostProcess(msgspec.Struct):
    """The steps."""

    parse: str = ""
    match: list[str] = []
    mapping: Mapping | None = None
    dedupe: Dedupe | None = None


def postprocess(records: Sequence[Record], asked: dict[str, JSON]) -> list[Record]:
    """Return the records after the steps that are asked for. Raises: InvalidParams."""
    try:
        steps = msgspec.convert(asked, PostProcess, strict=False)
    except msgspec.ValidationError as exc:
        raise InvalidParams(f"decode params: postProcess: {exc}", field="postProcess") from exc
    found = list(records)
    if not (steps.parse or steps.match or steps.dedupe):
        return found
    parser = PARSERS.get(steps.parse)
    if parser is not None:
        for record in found:
            parser(record)
    keys = tuple((steps.mapping.message if steps.mapping else None) or DEFAULT_MESSAGE_KEYS)

    def effective(record: Record) -> str:
        return record.message or next((record.labels[key] for key in keys if record.labels.get(key)), "")

    if steps.match:
        from mc_kubernetes_logs.parsers.matching import match_any

        found = match_any(found, steps.match, [effective(record) for record in found])
    if steps.dedupe is not None:
        found = dedupe(found, steps.dedupe.fields, steps.dedupe.window, effective)
    return found
