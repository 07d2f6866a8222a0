"""Old against new ReplicaSets of a Deployment."""

from __future__ import annotations

import msgspec

from mc_kube.pods import HASH_LABEL, Container, Metadata
from mc_kube.resources import DEPLOYMENTS, REPLICASETS
from mc_kube.targets import is_owned, list_pods, parse_target
from mc_kubernetes_logs.items import get_item, is_local, open_target
from mc_kubernetes_logs.pods import Row
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Context, Forbidden

_REVISION = "deployment.kubernetes.io/revision"


class _PodSpec(msgspec.Struct):
    containers: list[Container] | None = None


class _Template(msgspec.Struct):
    spec: _PodSpec = msgspec.field(default_factory=_PodSpec)


class _Spec(msgspec.Struct):
    replicas: int | None = None
    template: _Template = msgspec.field(default_factory=_Template)


class _Condition(msgspec.Struct):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class _Status(msgspec.Struct, rename="camel"):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    updated_replicas: int = 0
    conditions: list[_Condition] | None = None


class _Set(msgspec.Struct):
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def revision(self) -> int:
        """The number that the Deployment gave it."""
        text = (self.metadata.annotations or {}).get(_REVISION, "0")
        return int(text) if text.isdigit() else 0


async def list_revisions(ctx: Context[PluginState]) -> Row:
    """Return the revisions that have pods, or had them last; empty for items that roll nothing out."""
    item = await get_item(ctx)
    empty: Row = {"inProgress": False, "revisions": []}
    if is_local(item):
        return empty
    target_ref = parse_target(item.type, item.name, item.namespace, item.tags)
    if target_ref.type is not DEPLOYMENTS:
        return empty
    async with open_target(ctx, item) as target:
        client, query = target.client, target.query
        raw = await client.get(DEPLOYMENTS, target_ref.name, target_ref.namespace)
        deployment = msgspec.json.decode(raw, type=_Set)
        try:
            raws = await client.list_all(REPLICASETS, target_ref.namespace, params=query.params)
        except Forbidden as exc:
            return empty | {"message": exc.message}
        pods = await list_pods(client, query)
    sets = [msgspec.json.decode(one, type=_Set) for one in raws]
    owned = [one for one in sets if is_owned(one.metadata, {deployment.metadata.uid})]
    owned.sort(key=lambda one: one.revision, reverse=True)
    shown = [one for at, one in enumerate(owned) if at == 0 or one.status.replicas]
    rows = []
    for at, one in enumerate(shown):
        names = [pod.name for pod in pods if is_owned(pod.metadata, {one.metadata.uid})]
        rows.append(_render(one, is_new=at == 0, pods=names))
    return _progress(deployment, len(shown)) | {"revisions": rows}


def _render(one: _Set, *, is_new: bool, pods: list[str]) -> Row:
    return {
        "revision": one.revision,
        "replicaSet": one.metadata.name,
        "hash": (one.metadata.labels or {}).get(HASH_LABEL, ""),
        "isNew": is_new,
        "desired": one.spec.replicas or 0,
        "ready": one.status.ready_replicas,
        "available": one.status.available_replicas,
        "images": [container.image for container in one.spec.template.spec.containers or ()],
        "createdAt": one.metadata.creation_timestamp,
        "pods": pods,
    }


def _progress(deployment: _Set, revisions: int) -> Row:
    wanted = 1 if deployment.spec.replicas is None else deployment.spec.replicas
    status = deployment.status
    is_done = revisions <= 1 and status.updated_replicas >= wanted and status.available_replicas >= wanted
    conditions = {one.type: one for one in status.conditions or ()}
    progressing = conditions.get("Progressing")
    row: Row = {"inProgress": not is_done}
    if progressing is not None and not is_done:
        row["message"] = progressing.message
    return row
