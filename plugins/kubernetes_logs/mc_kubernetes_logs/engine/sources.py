"""Sources of a stream: which containers of which pods a caller wants to read."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import msgspec

from mc_kube.pods import ContainerKind, Pod
from mc_kubernetes_logs.engine.patterns import Pattern, compile_patterns

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
REVISION_LABELS = ("pod-template-hash", "controller-revision-hash")


class Source(msgspec.Struct):
    """One container of one pod (or one file), numbered within its stream."""

    index: int
    namespace: str
    pod: str
    pod_uid: str
    container: str
    kind: str = ContainerKind.MAIN.value
    node: str = ""
    owner: str = ""
    revision: str = ""
    before_ended: str = ""
    """When the instance before the current one ended, if the kubelet may still have its log."""

    @property
    def key(self) -> str:
        """The same for this container in every stream."""
        return f"{self.pod_uid}/{self.container}"

    @property
    def key_hash(self) -> int:
        """The key as cursors carry it."""
        return zlib.crc32(self.key.encode())


class Selection(msgspec.Struct):
    """Which pods and containers of an item."""

    namespaces: frozenset[str] = frozenset()
    pods: frozenset[str] = frozenset()
    containers: tuple[Pattern | str, ...] = ()
    excluded_containers: Pattern | None = None
    excluded_pods: Pattern | None = None
    excluded_sources: frozenset[str] = frozenset()
    """Keys."""
    with_init: bool = False
    with_ephemeral: bool = False

    @property
    def plain_names(self) -> list[str]:
        """Containers asked for by name: the API server says what it thinks of one that the pod does not have."""
        return [one for one in self.containers if isinstance(one, str) and _NAME.fullmatch(one)]

    def admits_pod(self, pod: Pod) -> bool:
        """Is this pod wanted?"""
        if self.namespaces and pod.namespace not in self.namespaces:
            return False
        if self.pods and pod.name not in self.pods:
            return False
        return self.excluded_pods is None or self.excluded_pods.fullmatch(pod.name.encode()) is None

    def admits_container(self, name: str, kind: ContainerKind) -> bool:
        """Is this container wanted? One that is asked for by its name is, whatever its kind."""
        encoded = name.encode()
        if self.excluded_containers is not None and self.excluded_containers.fullmatch(encoded) is not None:
            return False
        if name in self.containers:
            return True
        if self.containers and not any(
            not isinstance(one, str) and one.fullmatch(encoded) is not None for one in self.containers
        ):
            return False
        by_kind = {
            ContainerKind.INIT: self.with_init,
            ContainerKind.MAIN: True,
            ContainerKind.EPHEMERAL: self.with_ephemeral,
        }
        return by_kind[kind]

    def containers_of(self, pod: Pod) -> list[tuple[ContainerKind, str]]:
        """Return the wanted containers of a pod, in spec order."""
        return [(kind, one.name) for kind, one in pod.containers() if self.admits_container(one.name, kind)]


def parse_selection(
    *,
    namespaces: Sequence[str] = (),
    pods: Sequence[str] = (),
    containers: Sequence[str] = (),
    excluded_containers: Sequence[str] = (),
    excluded_pods: Sequence[str] = (),
    excluded_sources: Sequence[str] = (),
    with_init: bool = False,
    with_ephemeral: bool = False,
) -> Selection:
    """Return the selection that a call's params mean. Raises: InvalidParams for a bad expression."""
    wanted: list[Pattern | str] = []
    for one in containers:
        if one:
            wanted.append(one)
            pattern = compile_patterns([one], field="container")
            if pattern is not None:
                wanted.append(pattern)
    return Selection(
        namespaces=frozenset(namespaces),
        pods=frozenset(pods),
        containers=tuple(wanted),
        excluded_containers=compile_patterns(excluded_containers, field="excludeContainer"),
        excluded_pods=compile_patterns(excluded_pods, field="excludePod"),
        excluded_sources=frozenset(excluded_sources),
        with_init=with_init,
        with_ephemeral=with_ephemeral,
    )


def make_source(index: int, pod: Pod, kind: ContainerKind, container: str) -> Source:
    """Return the source of one container."""
    labels = pod.metadata.labels or {}
    revision = next((labels[name] for name in REVISION_LABELS if name in labels), "")
    status = pod.find_status(container)
    before = status.before if status is not None else None
    return Source(
        index=index,
        namespace=pod.namespace,
        pod=pod.name,
        pod_uid=pod.metadata.uid,
        container=container,
        kind=kind.value,
        node=pod.spec.node_name,
        owner=pod.owned_by,
        revision=revision,
        before_ended=before.finished_at or "" if before is not None else "",
    )
