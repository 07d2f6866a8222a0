"""From a catalog item to its pods: once as a list, or for as long as somebody looks, by watch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mc_kube.client import KubeClient
from mc_kube.pods import Metadata, Pod, decode_pod
from mc_kube.resources import (
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    JOBS,
    NAMESPACES,
    PODS,
    REPLICASETS,
    STATEFULSETS,
    ResourceType,
)
from mc_wire.errors import InvalidParams, NotFound, TargetError

DEFAULT_NAMESPACE = "default"
_PREFIX = "kubernetes::"
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_KINDS: dict[str, ResourceType] = {
    name: type
    for type, names in (
        (PODS, "po pod pods"),
        (DEPLOYMENTS, "deploy deployment deployments"),
        (STATEFULSETS, "sts statefulset statefulsets"),
        (DAEMONSETS, "ds daemonset daemonsets"),
        (REPLICASETS, "rs replicaset replicasets"),
        (JOBS, "job jobs"),
        (CRONJOBS, "cj cronjob cronjobs"),
        (NAMESPACES, "ns namespace namespaces"),
    )
    for name in names.split()
}
JOB_NAME_LABEL = "job-name"


@dataclass(frozen=True)
class Target:
    """What a catalog item stands for; `type` is None for a kind that is only known by its pods' `app` label."""

    kind: str
    namespace: str
    name: str
    type: ResourceType | None


def parse_kind(text: str) -> tuple[str, ResourceType | None]:
    """Return a kind in lower case without its prefix, and its type if it is one that has pods."""
    kind = text.strip().lower().removeprefix(_PREFIX)
    type = _KINDS.get(kind)
    return (type.kind.lower() if type else kind), type


def parse_target(kind: str, name: str, namespace: str = "", tags: Mapping[str, str] | None = None) -> Target:
    """Return what an item stands for: the tags win over its own fields. Raises: InvalidParams without a name."""
    tags = tags or {}
    named = tags.get("name") or name
    if not named:
        raise InvalidParams("config item has no Kubernetes name tag")
    spelled, type = parse_kind(kind)
    where = named if type is NAMESPACES else tags.get("namespace") or namespace or DEFAULT_NAMESPACE
    return Target(spelled, where, named, type)


class _Requirement(msgspec.Struct):
    key: str
    operator: str
    values: list[str] | None = None


class LabelSelector(msgspec.Struct, rename="camel"):
    """A workload's selector."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[_Requirement] | None = None

    def render(self) -> str:
        """Return it as the API takes it in a query. Raises: InvalidParams when it is empty or malformed."""
        terms = [f"{name}={value}" for name, value in sorted((self.match_labels or {}).items())]
        for one in self.match_expressions or ():
            values = ",".join(one.values or ())
            match one.operator:
                case "In":
                    terms.append(f"{one.key} in ({values})")
                case "NotIn":
                    terms.append(f"{one.key} notin ({values})")
                case "Exists":
                    terms.append(one.key)
                case "DoesNotExist":
                    terms.append(f"!{one.key}")
                case other:
                    raise InvalidParams(f"invalid selector: {other!r} is not a valid label selector operator")
        if not terms:
            raise InvalidParams("empty selector")
        return ",".join(terms)


class _Spec(msgspec.Struct):
    selector: LabelSelector | None = None


class _Workload(msgspec.Struct):
    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)


@dataclass(frozen=True)
class PodQuery:
    """Which pods a target has, in the API's terms."""

    namespace: str
    label_selector: str = ""
    pod: str = ""
    match_labels: Mapping[str, str] = field(default_factory=dict)
    cronjob: str = ""
    """Name of the CronJob whose Jobs' pods are meant; these change while one looks."""
    workload_uid: str = ""

    @property
    def params(self) -> dict[str, str]:
        """The query of a list or watch."""
        if self.pod:
            return {"fieldSelector": f"metadata.name={self.pod}"}
        return {"labelSelector": self.label_selector} if self.label_selector else {}


async def find_pod_query(
    client: KubeClient, target: Target, *, namespace_ok: bool = True, others_ok: bool = True
) -> PodQuery:
    """Return how a target's pods are asked for; reads the workload for its selector.

    Raises: NotFound (no such workload), InvalidParams (a kind without pods, or no usable selector).
    """
    namespace, name, type = target.namespace, target.name, target.type
    if type is PODS:
        return PodQuery(namespace, pod=name)
    if type is NAMESPACES and namespace_ok:
        return PodQuery(name)
    if type is CRONJOBS:
        return PodQuery(namespace, label_selector=JOB_NAME_LABEL, cronjob=name)
    if type is None or type is NAMESPACES:
        if not others_ok or not _LABEL_VALUE.fullmatch(name):
            raise InvalidParams(f"unsupported kind {target.kind!r}")
        return PodQuery(namespace, label_selector=f"app={name}", match_labels={"app": name})
    found = _decode(await client.get(type, name, namespace), _Workload)
    selector = found.spec.selector
    if selector is None:
        raise InvalidParams(f"{target.kind} {namespace}/{name} has no selector")
    return PodQuery(
        namespace,
        label_selector=selector.render(),
        match_labels=selector.match_labels or {},
        workload_uid=found.metadata.uid,
    )


async def list_pods(client: KubeClient, query: PodQuery, *, missing_ok: bool = False) -> list[Pod]:
    """Return the pods, by namespace and name. Raises: NotFound for a pod that is named and absent."""
    if query.pod:
        try:
            return [_decode(await client.get(PODS, query.pod, query.namespace), Pod)]
        except NotFound:
            if missing_ok:
                return []
            raise
    pods = [_decode(raw, Pod) for raw in await client.list_all(PODS, query.namespace, params=query.params)]
    if query.cronjob:
        jobs = await list_cronjob_jobs(client, query)
        pods = [pod for pod in pods if is_owned(pod.metadata, jobs)]
    return sorted(pods, key=lambda pod: (pod.namespace, pod.name))


async def list_cronjob_jobs(client: KubeClient, query: PodQuery) -> frozenset[str]:
    """Return the uids of a CronJob's Jobs; none when Jobs cannot be found at all."""
    try:
        found = await client.list_all(JOBS, query.namespace)
    except NotFound:
        return frozenset()
    return frozenset(meta.uid for meta in (_decode(raw, _Workload).metadata for raw in found) if is_job_of(meta, query))


def is_job_of(job: Metadata, query: PodQuery) -> bool:
    """Does a Job belong to the query's CronJob?"""
    return any(one.kind == CRONJOBS.kind and one.name == query.cronjob for one in job.owner_references or ())


def is_owned(meta: Metadata, uids: frozenset[str] | set[str]) -> bool:
    """Is one of the owners among `uids`?"""
    return any(one.uid in uids for one in meta.owner_references or ())


def decode_metadata(raw: msgspec.Raw) -> Metadata:
    """Return any object's metadata. Raises: TargetError."""
    meta: Metadata = _decode(raw, _Workload).metadata
    return meta


def _decode(raw: msgspec.Raw, kind: type[Any]) -> Any:
    try:
        return decode_pod(raw) if kind is Pod else msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as exc:
        raise TargetError(f"the API server sent an object that cannot be read: {exc}") from exc
