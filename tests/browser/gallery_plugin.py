"""A plugin with every kind of param and every kind of result, for the tests of the shell's forms and drawing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from mc_sdk import Context, InvalidParams, Plugin, Struct, operation, serve
from mc_wire.model import JSON

Percent = Annotated[int, msgspec.Meta(ge=0, le=100, description="How much of it.")]


class Window(Struct):
    """From when to when."""

    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    hours: int = 1


class FormParams(Struct, kw_only=True):
    """Every kind of value once."""

    name: str
    percent: Percent = 50
    ratio: float | None = None
    mode: Literal["read", "write"] | None = None
    levels: list[Literal["info", "warning", "error"]] = msgspec.field(default_factory=list)
    names: list[str] = msgspec.field(default_factory=list)
    is_loud: bool = False
    statement: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    window: Window = msgspec.field(default_factory=Window)


@operation("form")
async def form(ctx: Context[None], params: FormParams) -> dict[str, JSON]:
    """Take every kind of value and answer what came."""
    if params.name == "taken":
        raise InvalidParams("this name is taken", field="name")
    answer: dict[str, JSON] = msgspec.to_builtins(params)
    return answer


@operation("wipe", destructive=True)
async def wipe(ctx: Context[None]) -> dict[str, JSON]:
    """Remove everything there is."""
    return {"removed": 3, "durationMs": 3400}


class TicksParams(Struct):
    """How many lines."""

    count: int = 3


@operation("ticks")
async def ticks(ctx: Context[None], params: TicksParams) -> AsyncIterator[dict[str, JSON]]:
    """Count, line by line; without an end when count is 0."""
    at = 0
    while params.count == 0 or at < params.count:
        at += 1
        yield {"tick": at}
        if params.count == 0 and at >= 3:
            await asyncio.Event().wait()


@operation("hang")
async def hang(ctx: Context[None]) -> None:
    """Never answer."""
    await asyncio.Event().wait()


@operation("speak", scope="global")
async def speak(ctx: Context[None]) -> dict[str, JSON]:
    """Write to the log, and need no item."""
    sys.stderr.write("[WARN] the gallery has spoken\n[INFO] and said no more\n")
    sys.stderr.flush()
    return {"ok": True}


def text(words: str, **more: JSON) -> JSON:
    """Return a text node."""
    return {"kind": "text", "text": words, **more}


PODS: list[JSON] = [
    {
        "cells": {
            "name": text(f"cart-{at}"),
            "state": text("Running" if at % 3 else "Failed"),
            "restarts": text(str(at * 7 % 20)),
            "labels": {
                "kind": "map",
                "fields": [{"name": n, "value": text(n)} for n in ("app", "team", "zone", "tier")],
            },
        },
        "detail": text(f"All that is known of cart-{at}."),
    }
    for at in range(14)
]
DOCUMENT: list[JSON] = [
    {"kind": "heading", "level": 2, "content": "Gallery"},
    text(
        "Bold red words, ", children=[text("struck", style={"strikethrough": True, "color": "#d01010", "bold": True})]
    ),
    {"kind": "admonition", "severity": "warning", "label": "Careful", "content": text("Disk is nearly full.")},
    {"kind": "admonition", "severity": "tip", "content": text("Vacuum it.")},
    {
        "kind": "table",
        "autoFilter": True,
        "columns": [
            {"name": "name", "sortable": True},
            {"name": "state", "kind": "status", "sortable": True},
            {"name": "restarts", "align": "right", "sortable": True},
            {"name": "labels"},
        ],
        "rows": PODS,
    },
    {"kind": "tree", "roots": [{"id": "r", "label": "checkout", "children": [{"id": "c", "label": "cart"}]}]},
    {"kind": "code", "language": "sql", "source": "select 1\nfrom t"},
    {"kind": "badge", "badgeLabel": "build", "badgeValue": "passing", "badgeColor": "green", "badgeShape": "pill"},
    {
        "kind": "html",
        "html": '<p>safe <b>markup</b><script>window.pwned = 1</script><img src=x onerror="window.pwned = 1"></p>',
    },
    {"kind": "collapsed", "label": "More", "content": text("Hidden at first.")},
    {
        "kind": "stacktrace",
        "exceptionClass": "KeyError",
        "message": "'id'",
        "frames": [{"functionName": "load", "file": "app.py", "line": 12, "kind": "user"}],
        "causedBy": [{"exceptionClass": "OSError", "message": "gone", "frames": []}],
    },
    {"kind": "map", "fields": [{"name": "startedAt", "value": text("now")}, {"name": "size", "value": text("2 MB")}]},
    {"kind": "hologram", "unknown": True},
]


@operation("document")
async def document(ctx: Context[None]) -> JSON:
    """Answer a document with each kind of node."""
    return {"version": 1, "node": {"kind": "list", "unstyled": True, "items": DOCUMENT}}


@operation("rows")
async def rows(ctx: Context[None]) -> list[JSON]:
    """Answer plain JSON, as most plugins do."""
    started = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).isoformat()
    return [{"startedAt": started, "pid": at, "name": f"row {at}", "durationMs": at * 900} for at in range(40)]


class GalleryPlugin(Plugin[None]):
    """Every form and every drawing."""

    name = "gallery"
    version = "1.0.0"
    description = "Shows what the shell can ask and draw."
    operations = (form, wipe, ticks, hang, speak, document, rows)


if __name__ == "__main__":
    serve(GalleryPlugin())
