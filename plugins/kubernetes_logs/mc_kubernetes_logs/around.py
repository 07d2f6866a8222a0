"""Lines around one line of a container."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime

from mc_kube.targets import list_pods
from mc_kubernetes_logs.death import decode_rows
from mc_kubernetes_logs.engine.filters import RowFilter
from mc_kubernetes_logs.engine.sources import make_source
from mc_kubernetes_logs.engine.stamps import STAMP_LEN, parse_time, shift
from mc_kubernetes_logs.history import read_pieces
from mc_kubernetes_logs.items import get_item, is_local, open_target
from mc_kubernetes_logs.params import ContextParams, LineParams
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, Context, Forbidden, NotSupported

_SPANS_S = (10.0, 600.0, None)
"""How far back is read for the lines before: as little as will do."""


async def read_around(ctx: Context[PluginState], params: ContextParams) -> dict[str, JSON]:
    """Return rows before and after a stamp, and which of them has it. Raises: Forbidden for a foreign pod."""
    item, stamp = await get_item(ctx), parse_time(params.stamp, "stamp", datetime.now(UTC))
    if is_local(item):
        raise NotSupported("lines of local files have no context by stamp; open the file's own history")
    async with open_target(ctx, item) as target:
        pods = await list_pods(target.client, target.query)
        pod = next((one for one in pods if one.name == params.pod), None)
        kinds = {one.name: kind for kind, one in pod.containers()} if pod is not None else {}
        if pod is None or params.container not in kinds:
            raise Forbidden(f"{params.pod}/{params.container} does not belong to {item.type} {item.name}")
        source = make_source(0, pod, kinds[params.container], params.container)
        wanted = LineParams(previous=params.previous)
        for span_s in _SPANS_S:
            rows = RowFilter(since=shift(stamp, -span_s)) if span_s else RowFilter()
            before: list[tuple[bytes, bytes]] = []
            found: list[tuple[bytes, bytes]] = []
            async with aclosing(read_pieces(target.client, source, rows, wanted)) as pieces:
                async for piece in pieces:
                    if piece.missing is not None:
                        raise piece.missing
                    for line, level in zip(piece.lines, piece.levels, strict=True):
                        if not found and line[:STAMP_LEN] < stamp:
                            before.append((line, level))
                            if len(before) > params.before + 1000:
                                del before[:1000]
                        else:
                            found.append((line, level))
                    if len(found) > params.after:
                        break
            if len(before) >= params.before or span_s is None:
                break
    return _render(source, before, found, params, stamp)


def _render(
    source: object,
    before: list[tuple[bytes, bytes]],
    found: list[tuple[bytes, bytes]],
    params: ContextParams,
    stamp: bytes,
) -> dict[str, JSON]:
    shown_before = before[-params.before :] if params.before else []
    shown = [*shown_before, *found[: params.after + 1]]
    is_there = bool(found) and found[0][0][:STAMP_LEN] == stamp
    return {
        "rows": decode_rows([(source, [line for line, _ in shown], [level for _, level in shown])]) if shown else [],
        "index": len(shown_before) if is_there else -1,
        "complete": len(shown_before) == params.before and len(found) > params.after,
    }
