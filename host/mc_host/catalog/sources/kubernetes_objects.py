"""The fields of Kubernetes objects that the catalog reads, one struct for all kinds; the rest stays raw."""

from __future__ import annotations

import msgspec

from mc_kube.resources import (
    CRONJOBS,
    DAEMONSETS,
    DEPLOYMENTS,
    JOBS,
    NAMESPACES,
    NODES,
    PODS,
    REPLICASETS,
    STATEFULSETS,
    ResourceType,
)

KINDS: tuple[ResourceType, ...] = (
    NAMESPACES,
    NODES,
    DEPLOYMENTS,
    STATEFULSETS,
    DAEMONSETS,
    CRONJOBS,
    REPLICASETS,
    JOBS,
    PODS,
)
"""What the catalog shows; owners stand before what they own."""


class KubeStruct(msgspec.Struct, kw_only=True, rename="camel", gc=False):
    """Base of the structs below: unknown keys are ignored."""


class OwnerReference(KubeStruct):
    """Who made an object."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Meta(KubeStruct):
    """An object's name and times."""

    name: str
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class Condition(KubeStruct):
    """One condition of a status."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class Waiting(KubeStruct):
    """Why a container has not started."""

    reason: str = ""
    message: str = ""


class Terminated(KubeStruct):
    """How a container ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""


class Running(KubeStruct):
    """A container that runs."""

    started_at: str | None = None


class ContainerState(KubeStruct):
    """At most one of the three is there."""

    waiting: Waiting | None = None
    terminated: Terminated | None = None
    running: Running | None = None


class ContainerStatus(KubeStruct):
    """The state of one container of a pod."""

    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState = msgspec.field(default_factory=ContainerState)
    last_state: ContainerState = msgspec.field(default_factory=ContainerState)


class Container(KubeStruct):
    """A container as declared."""

    name: str = ""
    image: str = ""
    restart_policy: str = ""
    """`Always` on an init container makes it a sidecar."""


class RollingUpdate(KubeStruct):
    """Of a StatefulSet: pods with a lower number stay on the old revision."""

    partition: int = 0


class UpdateStrategy(KubeStruct):
    """How a StatefulSet or DaemonSet replaces its pods."""

    type: str = ""
    rolling_update: RollingUpdate | None = None


class Spec(KubeStruct):
    """The declared side of every kind."""

    replicas: int | None = None
    paused: bool = False
    suspend: bool | None = None
    update_strategy: UpdateStrategy | None = None
    completions: int | None = None
    schedule: str = ""
    node_name: str = ""
    restart_policy: str = "Always"
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    unschedulable: bool = False


class NodeInfo(KubeStruct):
    """What runs on a node."""

    kubelet_version: str = ""
    os_image: str = ""
    architecture: str = ""


class Status(KubeStruct):
    """The observed side of every kind."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    active: int | list[OwnerReference] = 0
    """A count for a Job, references for a CronJob."""
    succeeded: int = 0
    failed: int = 0
    last_schedule_time: str | None = None
    last_successful_time: str | None = None
    node_info: NodeInfo | None = None
    pod_ip: str = msgspec.field(default="", name="podIP")

    def find_condition(self, kind: str) -> Condition | None:
        """Return the condition of that type, if there is one."""
        return next((one for one in self.conditions or () if one.type == kind), None)

    def has_condition(self, kind: str) -> bool:
        """Is the condition there and true?"""
        found = self.find_condition(kind)
        return found is not None and found.status == "True"


class KubeObject(KubeStruct):
    """An object of any kind of the catalog."""

    metadata: Meta
    spec: Spec = msgspec.field(default_factory=Spec)
    status: Status = msgspec.field(default_factory=Status)

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages it, if there is one."""
        return next((one for one in self.metadata.owner_references or () if one.controller), None)
