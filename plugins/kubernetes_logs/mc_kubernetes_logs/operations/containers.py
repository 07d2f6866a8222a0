"""`list-pods`, `containers`, `container-death`, `pod-events` and `rollout`: declarations."""

from __future__ import annotations

from typing import Any

from mc_kubernetes_logs.params import ContainerParams, EventsParams, SelectionParams
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON_MIME, Context, operation


@operation("list-pods", http=("GET", "POST"))
async def list_pods(ctx: Context[PluginState]) -> Any:
    """List the pods behind a catalog item."""
    from mc_kubernetes_logs.pods import list_pod_rows

    return await list_pod_rows(ctx)


@operation("containers", mime=JSON_MIME, http=("GET", "POST"))
async def containers(ctx: Context[PluginState], params: SelectionParams) -> Any:
    """List the item's pods with all their containers and how these are."""
    from mc_kubernetes_logs.pods import list_containers

    return await list_containers(ctx, params)


@operation("container-death", mime=JSON_MIME, http=("GET", "POST"))
async def container_death(ctx: Context[PluginState], params: ContainerParams) -> Any:
    """Tell why a container died: exit code, reason, last lines, events."""
    from mc_kubernetes_logs.death import explain_death

    return await explain_death(ctx, params)


@operation("pod-events", mime=JSON_MIME, http=("GET", "POST"))
async def pod_events(ctx: Context[PluginState], params: EventsParams) -> Any:
    """List the Kubernetes Events of the item's pods, newest first."""
    from mc_kubernetes_logs.pods import list_events

    return await list_events(ctx, params)


@operation("rollout", mime=JSON_MIME, http=("GET", "POST"))
async def rollout(ctx: Context[PluginState]) -> Any:
    """Compare the old and new ReplicaSets of a Deployment."""
    from mc_kubernetes_logs.rollouts import list_revisions

    return await list_revisions(ctx)
