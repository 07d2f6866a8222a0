"""`query-export` and its ticket: a result as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Literal

import msgspec

from mc_postgres.operations.query import STREAM_TIMEOUT_MAX_MS, QueryId
from mc_postgres.state import PluginState
from mc_sdk import Context, FileStart, InvalidParams, Struct, operation


class ExportParams(Struct, forbid_unknown_fields=True):
    """What to export, or the ticket that says it; zero limits nothing."""

    statement: str = ""
    database: str = ""
    format: Literal["csv", "json", "ndjson", "parquet"] = "csv"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    header: bool = True
    spreadsheet_safe: bool = False
    """Write an apostrophe before cells that a spreadsheet would take for formulas."""
    max_rows: Annotated[int, msgspec.Meta(ge=0)] = 0
    max_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    statement_timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=STREAM_TIMEOUT_MAX_MS)] = STREAM_TIMEOUT_MAX_MS
    query_id: QueryId = ""
    file_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    ticket: str = ""


class TicketResult(Struct):
    """`url` is relative to the plugin's own address."""

    ticket: str
    file_name: str
    url: str


@operation("query-export", http=("POST", "GET"))
async def query_export(ctx: Context[PluginState], params: ExportParams) -> AsyncIterator[FileStart | bytes]:
    """Stream a query's result as CSV or JSON, however large."""
    from mc_postgres.exporting.streaming import stream_export

    async with aclosing(stream_export(ctx, params)) as blocks:
        async for block in blocks:
            yield block


@operation("query-export-ticket", http=())
async def query_export_ticket(ctx: Context[PluginState], params: ExportParams) -> TicketResult:
    """Prepare a download: what `query-export` then answers to a GET with the ticket, once, within a minute."""
    from mc_postgres.exporting.streaming import make_ticket

    if params.ticket:
        raise InvalidParams("a ticket is not asked for with a ticket", field="ticket")
    return make_ticket(ctx, params)
