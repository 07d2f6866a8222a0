"""`log-histogram`, `log-context` and `log-download`: declarations."""

from __future__ import annotations

from typing import Any

from mc_kubernetes_logs.params import ContextParams, DownloadParams, HistogramParams
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON_MIME, Context, operation


@operation("log-histogram", mime=JSON_MIME, http=("GET", "POST"))
async def log_histogram(ctx: Context[PluginState], params: HistogramParams) -> Any:
    """Count lines by time and level, of what the cluster still has."""
    from mc_kubernetes_logs.histogram import count_lines

    return await count_lines(ctx, params)


@operation("log-context", mime=JSON_MIME, http=("GET", "POST"))
async def log_context(ctx: Context[PluginState], params: ContextParams) -> Any:
    """Show the lines around one line of a container."""
    from mc_kubernetes_logs.around import read_around

    return await read_around(ctx, params)


@operation("log-download", mime=JSON_MIME, http=("GET", "POST"))
async def log_download(ctx: Context[PluginState], params: DownloadParams) -> Any:
    """Download the lines as text, ndjson or csv; over Invoke, at most 8 MiB of them as one JSON text."""
    from mc_kubernetes_logs.history import download_text

    return await download_text(ctx, params)
