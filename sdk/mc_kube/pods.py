"""What readers of pods need to know of them, decoded once per change."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mc_kube.resources import DAEMONSETS, DEPLOYMENTS, JOBS, REPLICASETS, STATEFULSETS

HASH_LABEL = "pod-template-hash"


class _Kube(msgspec.Struct, rename="camel"):
    """A part of an API object: camel case in JSON, unknown keys ignored."""


class OwnerReference(_Kube):
    """Who an object belongs to."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None


class Metadata(_Kube):
    """Name, age and owner of an object."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: str = ""
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class Port(_Kube):
    """A declared port."""

    container_port: int = 0
    name: str = ""


class Container(_Kube):
    """A container as the pod's spec declares it."""

    name: str = ""
    image: str = ""
    ports: list[Port] | None = None
    restart_policy: str = ""


class Running(_Kube):
    """The state of a container that runs."""

    started_at: str | None = None


class Waiting(_Kube):
    """The state of a container that does not run yet, or not again."""

    reason: str = ""
    message: str = ""


class Terminated(_Kube):
    """The state of a container that ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: str | None = None
    finished_at: str | None = None
    container_id: str = msgspec.field(default="", name="containerID")


class State(_Kube):
    """Exactly one of the three is set, or none while nothing is known."""

    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(_Kube):
    """What the kubelet says of a container."""

    name: str = ""
    ready: bool = False
    restart_count: int = 0
    image: str = ""
    image_id: str = msgspec.field(default="", name="imageID")
    container_id: str = msgspec.field(default="", name="containerID")
    state: State = msgspec.field(default_factory=State)
    last_state: State = msgspec.field(default_factory=State)

    @property
    def instance(self) -> str:
        """The id of the instance whose log is the current one: a container that waits still has its last one's."""
        last = self.last_state.terminated
        return self.container_id or (last.container_id if last else "")

    @property
    def before(self) -> Terminated | None:
        """The end of the instance before the current one, whose log the kubelet may still have."""
        last = self.last_state.terminated
        return last if last is not None and last.container_id not in ("", self.instance) else None


class PodSpec(_Kube):
    """Where a pod runs and what in it."""

    node_name: str = ""
    restart_policy: str = ""
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    ephemeral_containers: list[Container] | None = None


class Condition(_Kube):
    """One condition of a pod."""

    type: str = ""
    status: str = ""


class PodStatus(_Kube):
    """How a pod is."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    start_time: str | None = None
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None


class ContainerKind(StrEnum):
    """Which of a pod's three lists a container is in."""

    INIT = "init"
    MAIN = "main"
    EPHEMERAL = "ephemeral"


class Pod(_Kube):
    """A pod."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)

    @property
    def name(self) -> str:
        """Its name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return self.metadata.namespace

    @property
    def owned_by(self) -> str:
        """The first owner as `Kind/name`, empty without one."""
        owners = self.metadata.owner_references
        return f"{owners[0].kind}/{owners[0].name}" if owners else ""

    @property
    def is_ready(self) -> bool:
        """Is it running, with its readiness gates passed?"""
        conditions = self.status.conditions or []
        return self.status.phase == "Running" and any(c.type == "Ready" and c.status == "True" for c in conditions)

    @property
    def is_finished(self) -> bool:
        """Will none of its containers start again?"""
        return self.status.phase in ("Succeeded", "Failed")

    def containers(self) -> list[tuple[ContainerKind, Container]]:
        """Return every container in the order in which they start: init, main, ephemeral."""
        spec = self.spec
        return [
            *((ContainerKind.INIT, one) for one in spec.init_containers or ()),
            *((ContainerKind.MAIN, one) for one in spec.containers or ()),
            *((ContainerKind.EPHEMERAL, one) for one in spec.ephemeral_containers or ()),
        ]

    def find_status(self, container: str) -> ContainerStatus | None:
        """Return what the kubelet says of a container, None before it says anything."""
        status = self.status
        for group in (status.container_statuses, status.init_container_statuses, status.ephemeral_container_statuses):
            for one in group or ():
                if one.name == container:
                    return one
        return None


_POD = msgspec.json.Decoder(Pod)
_OWNERS = {type.kind: type.kind.lower() for type in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS, JOBS, REPLICASETS)}


def decode_pod(raw: msgspec.Raw | bytes) -> Pod:
    """Return the pod in an API answer. Raises: msgspec.MsgspecError."""
    return _POD.decode(raw)


def workload_of(pod: Pod) -> tuple[str, str] | None:
    """Return (lower-case kind, name) of what controls a pod: the Deployment of a ReplicaSet; None for nothing known."""
    for owner in pod.metadata.owner_references or ():
        if not owner.controller:
            continue
        if owner.kind == REPLICASETS.kind and "-" in owner.name:
            return "deployment", owner.name.rpartition("-")[0]
        kind = _OWNERS.get(owner.kind)
        return (kind, owner.name) if kind else None
    return None
