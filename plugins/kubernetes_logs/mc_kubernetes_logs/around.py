"""Lines around one line of a container or a local log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial

from mc_kube.client import KubeClient
from mc_kube.pod_logs import is_not_kept
from mc_kube.targets import list_pods
from mc_kubernetes_logs.death import decode_rows
from mc_kubernetes_logs.engine.filters import RowFilter
from mc_kubernetes_logs.engine.levels import LevelReader
from mc_kubernetes_logs.engine.sources import Source, make_source
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, parse_time, shift
from mc_kubernetes_logs.engine.surroundings import Surroundings
from mc_kubernetes_logs.history import read_pieces
from mc_kubernetes_logs.items import get_item, is_local, open_target
from mc_kubernetes_logs.params import ContextParams, LineParams
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, Context, Forbidden, Item, OperationError

_SPANS_S = (10.0, 600.0, None)
"""How far back is read for the lines before: as little as will do."""


async def read_around(ctx: Context[PluginState], params: ContextParams) -> dict[str, JSON]:
    """Return rows before and after a line, and which of them it is. Raises: Forbidden for what is not the item's."""
    item = await get_item(ctx)
    has_stamp = params.stamp or not (is_local(item) and params.text)
    stamp = parse_time(params.stamp, "stamp", datetime.now(UTC)) if has_stamp else NO_STAMP
    make = partial(Surroundings, stamp, params.text.encode(), params.before, params.after)
    if is_local(item):
        from mc_kubernetes_logs.local.around import read_local_around

        return _render(*await read_local_around(item, params.container, stamp, make))
    return _render(*await _read_container(ctx, item, params, stamp, make))


async def _read_container(
    ctx: Context[PluginState], item: Item, params: ContextParams, stamp: bytes, make: Callable[[], Surroundings]
) -> tuple[Source, Surroundings]:
    async with open_target(ctx, item) as target:
        pods = await list_pods(target.client, target.query)
        pod = next((one for one in pods if one.name == params.pod), None)
        kinds = {one.name: kind for kind, one in pod.containers()} if pod is not None else {}
        if pod is None or params.container not in kinds:
            raise Forbidden(f"{params.pod}/{params.container} does not belong to {item.type} {item.name}")
        source = make_source(0, pod, kinds[params.container], params.container)
        around = await _read_instance(target.client, source, stamp, make, is_previous=params.previous)
        if around.index < 0 and source.before_ended and not params.previous:
            try:
                before = await _read_instance(target.client, source, stamp, make, is_previous=True)
            except OperationError as exc:
                if not is_not_kept(exc):
                    raise
            else:
                around = before if before.index >= 0 else around
    return source, around


async def _read_instance(
    client: KubeClient, source: Source, stamp: bytes, make: Callable[[], Surroundings], *, is_previous: bool
) -> Surroundings:
    wanted = LineParams(previous=is_previous)
    for span_s in _SPANS_S:
        rows = RowFilter(since=shift(stamp, -span_s)) if span_s else RowFilter()
        around = make()
        async with aclosing(read_pieces(client, source, rows, wanted)) as pieces:
            async for piece in pieces:
                if piece.missing is not None:
                    raise piece.missing
                around.take(piece.lines)
                if around.is_done:
                    break
        if around.has_all_before:
            break
    return around


def _render(source: Source, around: Surroundings) -> dict[str, JSON]:
    lines = around.lines
    levels = LevelReader().read(lines, STAMP_LEN + 1) if lines else []
    return {
        "rows": decode_rows([(source, lines, levels)]) if lines else [],
        "index": around.index,
        "complete": around.is_complete,
    }
