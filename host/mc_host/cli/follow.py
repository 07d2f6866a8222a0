"""Follows a streaming operation in the terminal: rows as tables, other lines as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
import msgspec

from mc_host.cli.follow_log import WIDGET, take_log_line
from mc_host.cli.render import draw, printable
from mc_wire.model import JSON

_ROWS_PER_TABLE = 1000
"""Rows held back for one table, so that its columns get their widths."""


def follow(lines: Iterable[bytes], *, as_json: bool, widget: str = "") -> None:
    """Print lines of JSON until they end, as the operation's widget wants them.

    Raises: ClickException when the last one is an error.
    """
    table = _Table()
    take = take_log_line if widget == WIDGET else table.take
    last: JSON = None
    for line in lines:
        if as_json:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        if as_json and not line.startswith(b'{"error"'):
            continue
        last = msgspec.json.decode(line)
        if not as_json and not is_error(last):
            take(last)
    table.flush()
    if is_error(last):
        raise click.ClickException(f"{last['error']} ({last['code']})")


def is_error(value: JSON) -> bool:
    """Is this the line that ends a stream which failed?"""
    return isinstance(value, dict) and "error" in value and "code" in value


class _Table:
    """Rows that arrived since the last line that named columns."""

    def __init__(self) -> None:
        self._columns: list[JSON] = []
        self._rows: list[JSON] = []

    def take(self, value: JSON) -> None:
        """Keep a row, or print what is no row."""
        if isinstance(value, list):
            self._rows.append(value)
            if len(self._rows) >= _ROWS_PER_TABLE:
                self.flush()
            return
        self.flush()
        if isinstance(value, dict) and isinstance(value.get("columns"), list):
            self._columns = value["columns"]
        elif isinstance(value, dict):
            fields = [f"{key}={_short(one)}" for key, one in value.items() if one not in (None, "", [], {})]
            click.echo(printable("  ".join(fields)))
        else:
            click.echo(printable(str(value)))

    def flush(self) -> None:
        """Print the rows kept so far."""
        rows, self._rows = self._rows, []
        if rows and self._columns:
            draw({"columns": self._columns, "rows": rows})
        for row in rows if not self._columns else ():
            click.echo(printable("\t".join(_short(one) for one in row)))


def _short(value: JSON) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
