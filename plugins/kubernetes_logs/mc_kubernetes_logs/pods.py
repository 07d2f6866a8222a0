"""Pods of an item, with their containers and Events, as callers see them."""

from __future__ import annotations

import msgspec

from mc_kube.pods import Container, ContainerKind, ContainerStatus, Pod, Terminated
from mc_kube.resources import EVENTS
from mc_kube.targets import list_pods
from mc_kubernetes_logs.engine.pod_events import PodEvent, event_params
from mc_kubernetes_logs.engine.sources import REVISION_LABELS
from mc_kubernetes_logs.items import KubeTarget, check_scope, get_item, is_local, open_target, selection_of
from mc_kubernetes_logs.params import EventsParams, SelectionParams, names
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, Context, OperationError

Row = dict[str, JSON]


async def list_pod_rows(ctx: Context[PluginState]) -> list[Row]:
    """Return namespace, name, phase and owner of the item's pods."""
    item = await get_item(ctx)
    if is_local(item):
        return [{"namespace": "", "pod": item.name, "phase": "Running"}]
    async with open_target(ctx, item) as target:
        pods = await list_pods(target.client, target.query)
    return [
        {"namespace": pod.namespace, "pod": pod.name, "phase": pod.status.phase}
        | ({"ownedBy": pod.owned_by} if pod.owned_by else {})
        for pod in pods
    ]


async def list_containers(ctx: Context[PluginState], params: SelectionParams) -> list[Row]:
    """Return the item's pods with their containers."""
    item, selection = await get_item(ctx), selection_of(params)
    if is_local(item):
        from mc_kubernetes_logs.local.reading import list_local_containers

        return await list_local_containers(item)
    async with open_target(ctx, item) as target:
        pods = await check_scope(target, selection)
        if pods is None:
            pods = await list_pods(target.client, target.query)
    return [render_pod(pod) for pod in pods if selection.admits_pod(pod)]


def render_pod(pod: Pod) -> Row:
    """Return a pod with its containers."""
    labels = pod.metadata.labels or {}
    row: Row = {
        "namespace": pod.namespace,
        "pod": pod.name,
        "podUid": pod.metadata.uid,
        "phase": pod.status.phase,
        "node": pod.spec.node_name,
        "owner": pod.owned_by,
        "revision": next((labels[name] for name in REVISION_LABELS if name in labels), ""),
        "startedAt": pod.status.start_time,
        "reason": pod.status.reason,
        "message": pod.status.message,
        "deletedAt": pod.metadata.deletion_timestamp,
    }
    shown = {name: value for name, value in row.items() if value or name in ("namespace", "pod", "phase", "node")}
    return shown | {"containers": [_render_container(kind, one, pod) for kind, one in pod.containers()]}


def _render_container(kind: ContainerKind, container: Container, pod: Pod) -> Row:
    status = pod.find_status(container.name) or ContainerStatus(name=container.name)
    row: Row = {
        "name": container.name,
        "kind": kind.value,
        **_render_state(status),
        "ready": status.ready,
        "restarts": status.restart_count,
        "image": status.image or container.image,
    }
    last = status.last_state.terminated
    if last is not None:
        row["lastState"] = render_terminated(last)
    return row


def _render_state(status: ContainerStatus) -> Row:
    state = status.state
    if state.running is not None:
        return {"state": "running", "startedAt": state.running.started_at}
    if state.terminated is not None:
        return {"state": "terminated", **render_terminated(state.terminated)}
    if state.waiting is not None:
        row = {"state": "waiting", "reason": state.waiting.reason, "message": state.waiting.message}
        return {name: value for name, value in row.items() if value}
    return {"state": "unknown"}


def render_terminated(ended: Terminated) -> Row:
    """Return how an instance ended."""
    row: Row = {
        "reason": ended.reason,
        "exitCode": ended.exit_code,
        "signal": ended.signal,
        "startedAt": ended.started_at,
        "finishedAt": ended.finished_at,
        "message": ended.message,
    }
    return {name: value for name, value in row.items() if value or name == "exitCode"}


async def list_events(ctx: Context[PluginState], params: EventsParams) -> Row:
    """Return the Events of the item's pods, newest first; without the right to them, a notice."""
    item = await get_item(ctx)
    if is_local(item):
        return {"events": []}
    async with open_target(ctx, item) as target:
        pods = await list_pods(target.client, target.query)
        wanted = set(names(params.pod))
        uids = {pod.metadata.uid for pod in pods if not wanted or pod.name in wanted}
        try:
            events = await read_events(target, uids)
        except OperationError as exc:
            return {"events": [], "notice": exc.message} | ({"hint": exc.hint} if exc.hint else {})
    return {"events": events[: params.limit]}


async def read_events(target: KubeTarget, uids: set[str]) -> list[Row]:
    """Return the Events about pods, newest first."""
    raws = await target.client.list_all(EVENTS, target.query.namespace, params=event_params(target.query))
    found = [msgspec.json.decode(raw, type=PodEvent) for raw in raws]
    ours = [one.render() for one in found if one.involved_object.uid in uids]
    return sorted(ours, key=lambda one: str(one["at"]), reverse=True)
