"""Draws a stream of log lines, one line each, coloured by where it comes from."""

from __future__ import annotations

import sys
import zlib

import click

from mc_host.cli.render_text import printable
from mc_wire.model import JSON

WIDGET = "log"
"""`x-widget` of an operation whose stream consists of `{"line", "timestamp"?, "level"?, "pod"?, "container"?}`; every
other object is an event with a `type`, shown when it has a `text`, a `reason` or a `message`."""
_COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")
_LEVELS = {"warn": "yellow", "error": "red", "fatal": "bright_red"}
_QUIET = ("meta", "stats", "cursor", "heartbeat", "end")


def take_log_line(value: JSON) -> None:
    """Print a row on stdout, an event worth knowing on stderr."""
    if not isinstance(value, dict):
        return
    if "line" in value:
        click.echo(_row(value), color=sys.stdout.isatty())
        return
    text = next((str(value[key]) for key in ("text", "message", "reason") if value.get(key)), "")
    if text and value.get("type") not in _QUIET:
        what = " ".join(str(value[key]) for key in ("type", "change", "cause", "pod", "container") if value.get(key))
        click.secho(printable(f"── {what}: {text}"), err=True, dim=True)


def _row(row: dict[str, JSON]) -> str:
    source = " ".join(str(row[key]) for key in ("pod", "container") if row.get(key))
    colour = _COLOURS[zlib.crc32(source.encode()) % len(_COLOURS)]
    level = str(row.get("level") or "")
    text = printable(str(row["line"]))
    shown = click.style(text, fg=_LEVELS[level]) if level in _LEVELS else text
    return f"{click.style(source, fg=colour)} {shown}" if source else shown
