"""Why a container died, from all that the cluster still knows of it."""

from __future__ import annotations

from mc_kube.pods import ContainerStatus, Pod, Terminated
from mc_kube.targets import list_pods
from mc_kubernetes_logs.engine.filters import RowFilter
from mc_kubernetes_logs.engine.formats import make_format
from mc_kubernetes_logs.engine.snapshot import SnapshotPlan, read_snapshot
from mc_kubernetes_logs.engine.sources import make_source
from mc_kubernetes_logs.items import KubeTarget, get_item, open_target
from mc_kubernetes_logs.params import ContainerParams
from mc_kubernetes_logs.pods import Row, read_events, render_terminated
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Context, Forbidden, NotFound, OperationError

LAST_LINES = 50
_BY_EXIT = {
    0: "it ended by itself, without an error",
    1: "the program reported an error and ended",
    2: "the program did not accept how it was called, or the shell found an error in the command",
    125: "the container could not be started by its runtime",
    126: "the command is there, but cannot be executed (is it executable, and of this architecture?)",
    127: "the command was not found in the image",
    134: "the program aborted itself (SIGABRT): an assertion, or memory that was damaged",
    137: "it was killed (SIGKILL): most often out of memory, or it did not stop in time",
    139: "the program crashed (SIGSEGV)",
    143: "it was asked to stop (SIGTERM) and did",
}
_BY_REASON = {
    "OOMKilled": "it used more memory than its limit allows and was killed",
    "ContainerCannotRun": "its command cannot be run",
    "StartError": "its command cannot be run",
    "DeadlineExceeded": "it ran longer than it was allowed to",
    "Evicted": "the node ran short of a resource and evicted the pod",
}


async def explain_death(ctx: Context[PluginState], params: ContainerParams) -> Row:
    """Return the card of a container's last death. Raises: NotFound when it never died, Forbidden for a foreign pod."""
    item = await get_item(ctx)
    async with open_target(ctx, item) as target:
        pods = await list_pods(target.client, target.query)
        pod = next((one for one in pods if one.name == params.pod), None)
        if pod is None:
            raise Forbidden(f"pod {params.pod} does not belong to {item.type} {item.name}")
        status = pod.find_status(params.container)
        ended, is_previous = _last_death(status)
        if status is None or ended is None:
            raise NotFound(f"container {params.container} of pod {params.pod} has not died")
        return {
            "namespace": pod.namespace,
            "pod": pod.name,
            "container": params.container,
            **render_terminated(ended),
            "restarts": status.restart_count,
            "explanation": _explain(ended, pod),
            "lastLines": await _last_lines(target, pod, params.container, is_previous=is_previous),
            "events": await _events(target, pod),
        }


def _last_death(status: ContainerStatus | None) -> tuple[Terminated | None, bool]:
    """Return the last death, and whether its log is that of the instance before."""
    if status is None:
        return None, False
    if status.state.terminated is not None:
        return status.state.terminated, False
    last = status.last_state.terminated
    return last, last is not None and status.state.running is not None


def _explain(ended: Terminated, pod: Pod) -> str:
    text = _BY_REASON.get(ended.reason) or _BY_REASON.get(pod.status.reason)
    if text is None and ended.signal:
        text = f"it was ended by signal {ended.signal}"
    text = text or _BY_EXIT.get(ended.exit_code) or f"the program ended with exit code {ended.exit_code}"
    return f"{text}: {ended.message.strip()}" if ended.message.strip() else text


async def _last_lines(target: KubeTarget, pod: Pod, container: str, *, is_previous: bool) -> list[Row]:
    kind = next(kind for kind, one in pod.containers() if one.name == container)
    plan = SnapshotPlan(tail_lines=LAST_LINES, is_previous=is_previous)
    [found] = await read_snapshot(target.client, [make_source(0, pod, kind, container)], RowFilter(), plan)
    return decode_rows([(found.source, lines, levels) for _, lines, levels in found.batches])


def decode_rows(batches: list[tuple[object, list[bytes], list[bytes]]]) -> list[Row]:
    """Return batches as compact rows, decoded."""
    import msgspec

    rows: list[Row] = []
    render = make_format("ndjson", is_compact=True).rows
    for source, lines, levels in batches:
        rows += [msgspec.json.decode(line) for line in render(source, lines, levels, {}).splitlines()]  # type: ignore[arg-type]
    return rows


async def _events(target: KubeTarget, pod: Pod) -> list[Row]:
    try:
        return (await read_events(target, {pod.metadata.uid}))[:20]
    except OperationError:
        return []  # an optional right; the card is good without
