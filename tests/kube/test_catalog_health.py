"""Health per kind: each row is one situation of an object, as the API shows it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mc_host.catalog.sources.kubernetes_health import assess
from mc_host.catalog.sources.kubernetes_objects import KubeObject

READY = {"type": "Ready", "status": "True"}
UNREADY = {"type": "Ready", "status": "False", "message": "containers with unready status: [main]"}


def health(kind: str, spec: dict[str, Any], status: dict[str, Any], **meta: Any) -> tuple[str, str]:
    body = {"metadata": {"name": "x", "uid": "u", **meta}, "spec": spec, "status": status}
    found = assess(kind, msgspec.json.decode(msgspec.json.encode(body), type=KubeObject))
    return found.level.value, found.status


def main(**state: Any) -> dict[str, Any]:
    return {"name": "main", "ready": False, "state": state}


POD_ROWS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, str]]] = [
    ("not scheduled yet", {}, {"phase": "Pending"}, ("unknown", "Pending")),
    (
        "fits on no node",
        {},
        {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]},
        ("warning", "Unschedulable"),
    ),
    (
        "waits for its gate",
        {},
        {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]},
        ("unknown", "SchedulingGated"),
    ),
    (
        "container is made",
        {},
        {"phase": "Pending", "containerStatuses": [main(waiting={"reason": "ContainerCreating"})]},
        ("unknown", "ContainerCreating"),
    ),
    (
        "image cannot be had",
        {"restartPolicy": "Never"},
        {"phase": "Pending", "containerStatuses": [main(waiting={"reason": "ImagePullBackOff"})]},
        ("unhealthy", "ImagePullBackOff"),
    ),
    (
        "crash loop",
        {},
        {"phase": "Running", "containerStatuses": [main(waiting={"reason": "CrashLoopBackOff"})]},
        ("unhealthy", "CrashLoopBackOff"),
    ),
    (
        "ready",
        {},
        {"phase": "Running", "conditions": [READY], "containerStatuses": [{**main(running={}), "ready": True}]},
        ("healthy", "Running"),
    ),
    ("never ready so far", {}, {"phase": "Running", "conditions": [UNREADY]}, ("warning", "NotReady")),
    (
        "not ready after a crash",
        {},
        {
            "phase": "Running",
            "conditions": [UNREADY],
            "containerStatuses": [{**main(running={}), "lastState": {"terminated": {"exitCode": 1}}}],
        },
        ("unhealthy", "Running"),
    ),
    ("job's pod runs", {"restartPolicy": "Never"}, {"phase": "Running"}, ("healthy", "Running")),
    (
        "job's pod is done",
        {"restartPolicy": "Never"},
        {"phase": "Succeeded", "containerStatuses": [main(terminated={"reason": "Completed"})]},
        ("healthy", "Completed"),
    ),
    ("evicted", {}, {"phase": "Failed", "reason": "Evicted"}, ("unhealthy", "Evicted")),
    (
        "failed without a reason",
        {"restartPolicy": "Never"},
        {"phase": "Failed", "containerStatuses": [main(terminated={"exitCode": 3})]},
        ("unhealthy", "ExitCode:3"),
    ),
    (
        "second of three init containers",
        {"initContainers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
        {
            "phase": "Pending",
            "initContainerStatuses": [
                {"name": "a", "state": {"terminated": {"exitCode": 0}}},
                {"name": "b", "state": {"running": {}}},
            ],
        },
        ("unknown", "Init:1/3"),
    ),
    (
        "init container loops",
        {"initContainers": [{"name": "a"}]},
        {
            "phase": "Pending",
            "initContainerStatuses": [{"name": "a", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
        },
        ("unhealthy", "Init:CrashLoopBackOff"),
    ),
    (
        "sidecar runs, the rest is ready",
        {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}]},
        {
            "phase": "Running",
            "conditions": [READY],
            "initContainerStatuses": [{"name": "proxy", "started": True, "state": {"running": {}}}],
            "containerStatuses": [{**main(running={}), "ready": True}],
        },
        ("healthy", "Running"),
    ),
    ("node lost", {}, {"phase": "Unknown"}, ("unknown", "Unknown")),
]


@pytest.mark.parametrize(
    ("spec", "status", "expected"), [row[1:] for row in POD_ROWS], ids=[row[0] for row in POD_ROWS]
)
def test_health_of_a_pod(spec: dict[str, Any], status: dict[str, Any], expected: tuple[str, str]) -> None:
    assert health("Pod", spec, status) == expected


def test_health_of_a_pod_that_is_deleted() -> None:
    status = {"phase": "Running", "conditions": [READY]}
    assert health("Pod", {}, status, deletionTimestamp="2026-01-01T00:00:00Z") == ("unknown", "Terminating")
    lost = {"phase": "Running", "reason": "NodeLost"}
    assert health("Pod", {}, lost, deletionTimestamp="2026-01-01T00:00:00Z") == ("unknown", "Unknown")


def replicas(updated: int, available: int, total: int | None = None, **more: Any) -> dict[str, Any]:
    counts = {"replicas": updated if total is None else total, "updatedReplicas": updated}
    return {**counts, "availableReplicas": available, "observedGeneration": 2, **more}


COMPLETE = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
STALLED = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
LOST = {"type": "Available", "status": "False"}


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({"replicas": 3}, replicas(3, 3), ("healthy", "Running")),
        ({"replicas": 3}, replicas(3, 0), ("unknown", "Rolling out")),
        ({"replicas": 3}, replicas(2, 3), ("warning", "Rolling out")),
        ({"replicas": 3}, replicas(3, 3, total=4), ("warning", "Rolling out")),
        ({"replicas": 3}, replicas(3, 1, conditions=[COMPLETE, LOST]), ("unhealthy", "Unavailable")),
        ({"replicas": 3}, replicas(1, 2, conditions=[STALLED]), ("unhealthy", "Stalled")),
        ({"replicas": 0}, replicas(0, 0), ("healthy", "Scaled to zero")),
        ({"replicas": 3, "paused": True}, replicas(1, 3), ("unknown", "Paused")),
        ({"replicas": 3}, {"observedGeneration": 1}, ("unknown", "Pending")),
    ],
)
def test_health_of_a_deployment(spec: dict[str, Any], status: dict[str, Any], expected: tuple[str, str]) -> None:
    assert health("Deployment", spec, status, generation=2) == expected


def test_health_of_a_deployment_that_is_deleted() -> None:
    deleted = health("Deployment", {"replicas": 1}, replicas(1, 1), deletionTimestamp="2026-01-01T00:00:00Z")
    assert deleted == ("unknown", "Terminating")


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({"replicas": 2}, {"readyReplicas": 2, "currentRevision": "a", "updateRevision": "a"}, ("healthy", "Running")),
        (
            {"replicas": 2},
            {"readyReplicas": 2, "currentRevision": "a", "updateRevision": "b"},
            ("warning", "Rolling out"),
        ),
        ({"replicas": 2}, {"readyReplicas": 1}, ("warning", "Rolling out")),
        ({"replicas": 0}, {}, ("healthy", "Scaled to zero")),
        (
            {"replicas": 2, "updateStrategy": {"type": "OnDelete"}},
            {"readyReplicas": 2, "currentRevision": "a", "updateRevision": "b"},
            ("healthy", "Running"),
        ),
        (
            {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
            {"readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            ("healthy", "Running"),
        ),
    ],
)
def test_health_of_a_stateful_set(spec: dict[str, Any], status: dict[str, Any], expected: tuple[str, str]) -> None:
    assert health("StatefulSet", spec, status) == expected


@pytest.mark.parametrize(
    ("wanted", "updated", "available", "strategy", "expected"),
    [
        (2, 2, 2, "RollingUpdate", ("healthy", "Running")),
        (2, 1, 2, "RollingUpdate", ("warning", "Rolling out")),
        (2, 1, 2, "OnDelete", ("healthy", "Running")),
        (2, 2, 0, "RollingUpdate", ("unknown", "Rolling out")),
        (0, 0, 0, "RollingUpdate", ("healthy", "No nodes")),
    ],
)
def test_health_of_a_daemon_set(
    wanted: int, updated: int, available: int, strategy: str, expected: tuple[str, str]
) -> None:
    spec = {"updateStrategy": {"type": strategy, "rollingUpdate": {"maxUnavailable": "10%"}}}
    counts = {"desiredNumberScheduled": wanted, "updatedNumberScheduled": updated, "numberAvailable": available}
    assert health("DaemonSet", spec, counts) == expected


@pytest.mark.parametrize(
    ("kind", "spec", "status", "expected"),
    [
        ("ReplicaSet", {"replicas": 1}, {"availableReplicas": 1}, ("healthy", "Running")),
        ("ReplicaSet", {"replicas": 2}, {"availableReplicas": 1}, ("warning", "Rolling out")),
        (
            "ReplicaSet",
            {"replicas": 2},
            {"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}]},
            ("unhealthy", "FailedCreate"),
        ),
        ("Job", {}, {"active": 1}, ("healthy", "Running")),
        ("Job", {}, {"active": 1, "failed": 2}, ("warning", "Retrying")),
        ("Job", {}, {"conditions": [{"type": "Complete", "status": "True"}]}, ("healthy", "Completed")),
        ("Job", {}, {"conditions": [{"type": "Failed", "status": "True"}], "failed": 1}, ("unhealthy", "Failed")),
        ("Job", {"suspend": True}, {}, ("unknown", "Suspended")),
        ("CronJob", {"schedule": "* * * * *"}, {}, ("healthy", "Scheduled")),
        (
            "CronJob",
            {},
            {"active": [{"name": "x-1"}], "lastScheduleTime": "2026-01-02T00:00:00Z"},
            ("healthy", "Running"),
        ),
        (
            "CronJob",
            {},
            {"lastScheduleTime": "2026-01-02T00:00:00Z", "lastSuccessfulTime": "2026-01-01T00:00:30Z"},
            ("warning", "Last run failed"),
        ),
        (
            "CronJob",
            {},
            {"lastScheduleTime": "2026-01-02T00:00:00Z", "lastSuccessfulTime": "2026-01-02T00:00:30Z"},
            ("healthy", "Scheduled"),
        ),
        ("CronJob", {"suspend": True}, {}, ("unknown", "Suspended")),
        ("Namespace", {}, {"phase": "Active"}, ("healthy", "Active")),
        ("Namespace", {}, {"phase": "Terminating"}, ("warning", "Terminating")),
        ("Node", {}, {"conditions": [READY]}, ("healthy", "Ready")),
        ("Node", {"unschedulable": True}, {"conditions": [READY]}, ("warning", "SchedulingDisabled")),
        ("Node", {}, {"conditions": [READY, {"type": "DiskPressure", "status": "True"}]}, ("warning", "DiskPressure")),
        ("Node", {}, {"conditions": [{"type": "Ready", "status": "Unknown"}]}, ("unhealthy", "NotReady")),
        ("Node", {}, {}, ("unhealthy", "NotReady")),
        ("Whatever", {}, {"phase": "Odd"}, ("unknown", "Odd")),
    ],
)
def test_health_of_other_kinds(
    kind: str, spec: dict[str, Any], status: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert health(kind, spec, status) == expected
