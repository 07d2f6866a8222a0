"""Kubernetes objects as catalog items: slim rows, the raw object compressed, and who owns whom."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid5

import msgspec

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.sources.kubernetes_health import Level, assess
from mc_host.catalog.sources.kubernetes_objects import KubeObject
from mc_host.resources import ID_SPACE
from mc_kube.resources import ResourceType
from mc_wire.model import JSON

MAX_CHAIN = 5
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HASH_LABEL = "pod-template-hash"
_OBJECT = msgspec.json.Decoder(KubeObject)
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True)
class ClusterName:
    """Which cluster items are of."""

    uid: str
    """Of its kube-system namespace: the nearest thing to a cluster's own id."""
    cluster: str
    context: str

    @property
    def source(self) -> str:
        """The name of the catalog source."""
        return f"kubernetes:{self.context}"


@dataclass(frozen=True, slots=True)
class _Owner:
    kind: str
    name: str
    controller_uid: str


@dataclass
class Owners:
    """The workloads that own others, by uid."""

    _by_uid: dict[str, _Owner] = field(default_factory=dict)

    def note(self, kind: str, found: KubeObject) -> None:
        """Remember an object that may own others."""
        controller = found.controller
        owner = _Owner(kind, found.metadata.name, controller.uid if controller else "")
        self._by_uid[found.metadata.uid] = owner

    def forget(self, uid: str) -> None:
        """Forget an object that is gone."""
        self._by_uid.pop(uid, None)

    def chain(self, found: KubeObject) -> list[str]:
        """Return `Kind/name` of the owner, its owner and so on."""
        controller = found.controller
        if controller is None:
            return []
        chain, uid = [f"{controller.kind}/{controller.name}"], controller.uid
        while len(chain) < MAX_CHAIN:
            known = self._by_uid.get(uid)
            above = self._by_uid.get(known.controller_uid) if known and known.controller_uid else None
            if known is None or above is None:
                break
            chain.append(f"{above.kind}/{above.name}")
            uid = known.controller_uid
        if len(chain) == 1 and (name := _deployment_by_hash(found, controller.kind, controller.name)):
            chain.append(f"Deployment/{name}")  # its ReplicaSet has not been seen yet, or may not be
        return chain


def _deployment_by_hash(found: KubeObject, kind: str, name: str) -> str:
    """A Deployment names its ReplicaSets by its own name and the hash that it also puts on the pods."""
    template_hash = (found.metadata.labels or {}).get(_HASH_LABEL)
    return name.removesuffix(f"-{template_hash}") if kind == "ReplicaSet" and template_hash else ""


def item_id(cluster_uid: str, uid: str) -> str:
    """Return the catalog id of an object; the same on every host and start."""
    return str(uuid5(ID_SPACE, f"kubernetes\0{cluster_uid}/{uid}"))


def make_item(cluster: ClusterName, kind: ResourceType, raw: msgspec.Raw, owners: Owners) -> CatalogItem:
    """Return the row of one object. Raises: msgspec.MsgspecError for what is no object of that kind."""
    found = _OBJECT.decode(raw)
    meta, health = found.metadata, assess(kind.kind, found)
    if kind.kind != "Pod":
        owners.note(kind.kind, found)
    labels = {sys.intern(name): sys.intern(value) for name, value in (meta.labels or {}).items()}
    tags = {"cluster": cluster.cluster, "context": cluster.context}
    namespace = sys.intern(meta.namespace)
    if namespace:
        tags["namespace"] = namespace
    properties = _properties(kind.kind, found, owners.chain(found))
    if health.message:
        properties["message"] = health.message
    type_name = sys.intern(f"Kubernetes::{kind.kind}")
    words = [meta.name, type_name, namespace, health.status, *(f"{name}={value}" for name, value in labels.items())]
    return CatalogItem(
        id=item_id(cluster.uid, meta.uid),
        name=meta.name,
        type=type_name,
        source=cluster.source,
        namespace=namespace,
        health=health.level.value,
        status=sys.intern(health.status),
        labels=labels,
        tags=tags,
        haystack="\n".join((*words, cluster.cluster, found.spec.node_name)).casefold(),
        detail=_compress(properties, kind, raw),
    )


def make_broken_item(cluster: ClusterName, kind: ResourceType, uid: str, namespace: str, name: str) -> CatalogItem:
    """Return the row of an object that cannot be read, so that it is not missed in silence."""
    return CatalogItem(
        id=item_id(cluster.uid, uid),
        name=name,
        type=f"Kubernetes::{kind.kind}",
        source=cluster.source,
        namespace=namespace,
        health=Level.UNKNOWN.value,
        status="Unreadable",
        tags={"cluster": cluster.cluster, "context": cluster.context},
        haystack=f"{name}\n{namespace}".casefold(),
    )


def _properties(kind: str, found: KubeObject, chain: list[str]) -> dict[str, JSON]:
    spec, status = found.spec, found.status
    properties: dict[str, JSON] = {"createdAt": found.metadata.creation_timestamp}
    if chain:
        properties |= {"owner": chain[0], "ownerChain": chain}
    match kind:
        case "Pod":
            statuses = status.container_statuses or []
            properties |= {
                "node": spec.node_name,
                "ready": f"{sum(one.ready for one in statuses)}/{len(spec.containers or [])}",
                "restarts": sum(one.restart_count for one in statuses),
                "podIP": status.pod_ip,
                "images": [one.image for one in spec.containers or []],
            }
        case "Deployment" | "ReplicaSet" | "StatefulSet":
            properties["ready"] = f"{status.ready_replicas}/{1 if spec.replicas is None else spec.replicas}"
        case "DaemonSet":
            properties["ready"] = f"{status.number_ready}/{status.desired_number_scheduled}"
        case "Job":
            properties["completions"] = f"{status.succeeded}/{1 if spec.completions is None else spec.completions}"
        case "CronJob":
            properties |= {"schedule": spec.schedule, "lastScheduleTime": status.last_schedule_time}
        case "Node":
            info = status.node_info
            if info is not None:
                properties |= {"version": info.kubelet_version, "os": info.os_image, "architecture": info.architecture}
    return {name: value for name, value in properties.items() if value not in ("", None)}


def _compress(properties: Mapping[str, JSON], kind: ResourceType, raw: msgspec.Raw) -> bytes:
    """Return a `Detail` as it is stored, made without decoding the object."""
    parts = _PARTS.decode(raw)
    meta = _PARTS.decode(parts["metadata"])
    meta.pop("managedFields", None)  # half of many objects, and about who wrote which field
    if "annotations" in meta and _LAST_APPLIED in (annotations := _PARTS.decode(meta["annotations"])):
        del annotations[_LAST_APPLIED]
        meta["annotations"] = _raw(annotations)
    # Lists leave out what all of their objects share.
    config = {"apiVersion": _raw(kind.api_version), "kind": _raw(kind.kind), **parts, "metadata": _raw(meta)}
    return zlib.compress(msgspec.json.encode({"properties": properties, "config": config}), 3)


def _raw(value: JSON) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
