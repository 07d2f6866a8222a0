"""From a call to its cluster and pods: the host's answers, checked, never widened."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mc_kube.client import KubeClient
from mc_kube.kubeconfig import ClusterAccess, find_in_cluster, parse_kubeconfig, read_kubeconfig
from mc_kube.pods import Pod
from mc_kube.targets import PodQuery, find_pod_query, list_pods, parse_target
from mc_kubernetes_logs.engine.sources import Selection, parse_selection
from mc_kubernetes_logs.params import SelectionParams, names, patterns
from mc_kubernetes_logs.settings import LogsSettings
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Connection, Context, Forbidden, InvalidParams, Item, NotFound, OperationError

LOCAL_PREFIX = "Local::"
KUBERNETES = "kubernetes"


@dataclass(frozen=True)
class KubeTarget:
    """A cluster's client, and how the item's pods are asked for there."""

    item: Item
    client: KubeClient
    query: PodQuery


async def get_item(ctx: Context[PluginState]) -> Item:
    """Return the call's item. Raises: InvalidParams without one, what the host answers."""
    if not ctx.item_id:
        raise InvalidParams("config_id required", field="config_id")
    try:
        return await ctx.host.get_config_item(ctx.item_id)
    except OperationError as exc:
        exc.message = f"get config item: {exc.message}"
        raise


def is_local(item: Item) -> bool:
    """Is this a log of this machine, without a cluster?"""
    return item.type.startswith(LOCAL_PREFIX)


@asynccontextmanager
async def open_target(ctx: Context[PluginState], item: Item) -> AsyncIterator[KubeTarget]:
    """Yield the item's cluster and pods. Raises: what the host answers, InvalidParams, NotFound, Forbidden."""
    target = parse_target(item.type, item.name, item.namespace, item.tags)
    access, text = await _find_access(ctx, item)
    async with ctx.state.client(access, text) as client:
        yield KubeTarget(item, client, await find_pod_query(client, target))


async def _find_access(ctx: Context[PluginState], item: Item) -> tuple[ClusterAccess, str]:
    """Only *not found* leads on, and only to what the operator allowed: a denial ends here."""
    settings: LogsSettings = ctx.settings
    try:
        connection = await ctx.host.get_connection(KUBERNETES, config_item_id=item.id)
        text = _kubeconfig_of(connection)
        if text:
            return _parse(text), text
        missing: OperationError = NotFound("the connection of the item carries no kubeconfig")
    except NotFound as exc:
        missing = exc
    if settings.use_in_cluster:
        own = find_in_cluster(os.environ)
        if own is not None:
            return own, "in-cluster"
    raise NotFound(
        f"no host kubernetes connection and no in-cluster config: {missing.message}",
        hint="give the item's cluster a connection, or allow the plugin's own service account (useInCluster)",
    )


def _kubeconfig_of(connection: Connection) -> str:
    found = connection.properties.get("kubeconfig")
    return found if isinstance(found, str) and found.strip() else connection.certificate


def _parse(text: str) -> ClusterAccess:
    """Return the access in a kubeconfig, given as text or as a path."""
    try:
        if "\n" not in text and text.startswith("/"):
            found = read_kubeconfig([Path(text)])
            if found is None:
                raise NotFound(f"no kubeconfig at {text}")
            return found.get_access()
        return parse_kubeconfig(text).get_access()
    except OperationError as exc:
        exc.message = f"kubernetes client: {exc.message}"
        raise


def selection_of(params: SelectionParams) -> Selection:
    """Return the selection that params mean. Raises: InvalidParams."""
    return parse_selection(
        namespaces=names(params.namespace),
        pods=names(params.pod),
        containers=names(params.container),
        excluded_containers=names(params.exclude_container),
        excluded_pods=patterns(params.exclude_pod),
        excluded_sources=patterns(params.exclude_source),
        with_init=params.init,
        with_ephemeral=params.ephemeral,
    )


async def check_scope(target: KubeTarget, selection: Selection) -> list[Pod] | None:
    """Refuse pods that are not the item's, before any log is asked for. Returns the pods when they had to be listed.

    Raises: Forbidden.
    """
    foreign = selection.namespaces - {target.query.namespace}
    if foreign:
        raise Forbidden(f"namespace {', '.join(sorted(foreign))} is not the item's")
    if not selection.pods:
        return None
    if target.query.pod:
        known = {target.query.pod}
        pods = None
    else:
        pods = await list_pods(target.client, target.query)
        known = {pod.name for pod in pods}
    if outside := selection.pods - known:
        raise Forbidden(f"pod {', '.join(sorted(outside))} does not belong to {target.item.type} {target.item.name}")
    return pods
