"""`logs` and `tail`: declarations; what they do is loaded by the first call."""

from __future__ import annotations

from typing import Any

import msgspec

from mc_kubernetes_logs.params import LogsParams
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, JSON_MIME, Context, operation


class TailParams(LogsParams):
    """As of `logs`; over Invoke the lines of now, post-processed."""

    post_process: dict[str, JSON] | None = None
    """`parse`, `match` (CEL), `mapping`, `dedupe`."""


@operation("logs", mime=JSON_MIME, http=("GET", "POST"))
async def logs(ctx: Context[PluginState], params: LogsParams) -> Any:
    """Show the recent lines of all containers, or stream them as they come with follow."""
    from mc_kubernetes_logs.engine.formats import make_format
    from mc_kubernetes_logs.reading import render_rows, snapshot

    found = await snapshot(ctx, params)
    failed = [one for one in found if one.error is not None and not one.is_waiting]
    if failed and len(failed) == len(found) and failed[0].error is not None:
        raise failed[0].error
    return msgspec.Raw(render_rows(found, make_format("json"), with_fields=params.fields))


@operation("tail", http=("GET", "POST"), stdin=True)
async def tail(ctx: Context[PluginState], params: TailParams) -> Any:
    """Follow all containers of an item in the terminal; over Invoke, the last lines after post-processing."""
    from mc_kubernetes_logs.tailing import tail_snapshot

    return await tail_snapshot(ctx, params)
