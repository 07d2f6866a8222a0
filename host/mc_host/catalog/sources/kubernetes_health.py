"""How well an object is, per kind, by the rules of Argo CD's health checks and kubectl's status column.

Where Argo CD says Progressing, an object that has yet to start is `unknown` and one that runs with less than it
should is `warning`; a Deployment that was complete and lost its pods again is `unhealthy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mc_host.catalog.sources.kubernetes_objects import ContainerStatus, KubeObject


class Level(StrEnum):
    """The catalog's four answers."""

    HEALTHY = "healthy"
    WARNING = "warning"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Health:
    """Level, the word a list shows, and why."""

    level: Level
    status: str
    message: str = ""


def assess(kind: str, found: KubeObject) -> Health:
    """Return the health of an object; a kind without rules is unknown."""
    rule = _RULES.get(kind)
    if rule is None:
        return Health(Level.UNKNOWN, found.status.phase)
    if found.metadata.deletion_timestamp and kind not in ("Pod", "Namespace"):
        return Health(Level.UNKNOWN, "Terminating")
    return rule(found)


def _deployment(found: KubeObject) -> Health:
    spec, status = found.spec, found.status
    wanted = 1 if spec.replicas is None else spec.replicas
    progressing, available = status.find_condition("Progressing"), status.find_condition("Available")
    if spec.paused:
        return Health(Level.UNKNOWN, "Paused")
    if status.observed_generation < found.metadata.generation:
        return Health(Level.UNKNOWN, "Pending", "the change has not been taken up yet")
    if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
        return Health(Level.UNHEALTHY, "Stalled", progressing.message)
    if wanted == 0:
        return Health(Level.HEALTHY, "Scaled to zero")
    is_rolled_out = status.updated_replicas >= wanted and status.replicas <= status.updated_replicas
    if is_rolled_out and status.available_replicas >= status.updated_replicas:
        return Health(Level.HEALTHY, "Running")
    was_complete = progressing is not None and progressing.reason == "NewReplicaSetAvailable"
    if is_rolled_out and was_complete and available is not None and available.status == "False":
        return Health(Level.UNHEALTHY, "Unavailable", available.message)
    return _rolling_out(status.available_replicas, wanted)


def _rolling_out(available: int, wanted: int) -> Health:
    text = f"{available} of {wanted} available"
    return Health(Level.WARNING if available else Level.UNKNOWN, "Rolling out", text)


def _stateful_set(found: KubeObject) -> Health:
    spec, status = found.spec, found.status
    wanted = 1 if spec.replicas is None else spec.replicas
    strategy = spec.update_strategy
    if status.observed_generation < found.metadata.generation:
        return Health(Level.UNKNOWN, "Pending", "the change has not been taken up yet")
    if wanted == 0:
        return Health(Level.HEALTHY, "Scaled to zero")
    if status.ready_replicas < wanted:
        return _rolling_out(status.ready_replicas, wanted)
    if strategy is not None and strategy.type == "OnDelete":
        return Health(Level.HEALTHY, "Running")
    partition = strategy.rolling_update.partition if strategy and strategy.rolling_update else 0
    if partition:
        is_done = status.updated_replicas >= wanted - partition
    else:
        is_done = status.update_revision == status.current_revision
    return Health(Level.HEALTHY, "Running") if is_done else _rolling_out(status.ready_replicas, wanted)


def _daemon_set(found: KubeObject) -> Health:
    status, strategy = found.status, found.spec.update_strategy
    wanted = status.desired_number_scheduled
    if status.observed_generation < found.metadata.generation:
        return Health(Level.UNKNOWN, "Pending", "the change has not been taken up yet")
    if wanted == 0:
        return Health(Level.HEALTHY, "No nodes")
    is_by_hand = strategy is not None and strategy.type == "OnDelete"
    if status.number_available < wanted or (status.updated_number_scheduled < wanted and not is_by_hand):
        return _rolling_out(min(status.number_available, status.updated_number_scheduled), wanted)
    return Health(Level.HEALTHY, "Running")


def _replica_set(found: KubeObject) -> Health:
    status = found.status
    wanted = 1 if found.spec.replicas is None else found.spec.replicas
    failure = status.find_condition("ReplicaFailure")
    if status.observed_generation < found.metadata.generation:
        return Health(Level.UNKNOWN, "Pending", "the change has not been taken up yet")
    if failure is not None and failure.status == "True":
        return Health(Level.UNHEALTHY, failure.reason or "Failed", failure.message)
    if wanted == 0:
        return Health(Level.HEALTHY, "Scaled to zero")
    if status.available_replicas >= wanted:
        return Health(Level.HEALTHY, "Running")
    return _rolling_out(status.available_replicas, wanted)


def _job(found: KubeObject) -> Health:
    status = found.status
    failed = status.find_condition("Failed")
    if failed is not None and failed.status == "True":
        return Health(Level.UNHEALTHY, "Failed", failed.message or failed.reason)
    if status.has_condition("Complete"):
        return Health(Level.HEALTHY, "Completed")
    if found.spec.suspend or status.has_condition("Suspended"):
        return Health(Level.UNKNOWN, "Suspended")
    if status.failed:
        return Health(Level.WARNING, "Retrying", f"{status.failed} pods failed")
    return Health(Level.HEALTHY, "Running") if status.active else Health(Level.UNKNOWN, "Pending")


def _cron_job(found: KubeObject) -> Health:
    spec, status = found.spec, found.status
    if spec.suspend:
        return Health(Level.UNKNOWN, "Suspended")
    if status.active:
        return Health(Level.HEALTHY, "Running")
    if status.last_schedule_time is None:
        return Health(Level.HEALTHY, "Scheduled")
    # Both are UTC texts of one form, so they compare as they are.
    if status.last_successful_time is None or status.last_successful_time < status.last_schedule_time:
        return Health(Level.WARNING, "Last run failed", f"last success: {status.last_successful_time or 'never'}")
    return Health(Level.HEALTHY, "Scheduled")


def _namespace(found: KubeObject) -> Health:
    if found.status.phase != "Terminating":
        return Health(Level.HEALTHY, found.status.phase or "Active")
    stuck = [one.message for one in found.status.conditions or () if one.status == "True" and one.message]
    return Health(Level.WARNING, "Terminating", "; ".join(stuck))


def _node(found: KubeObject) -> Health:
    status = found.status
    ready = status.find_condition("Ready")
    if ready is None or ready.status != "True":
        return Health(Level.UNHEALTHY, "NotReady", ready.message if ready else "the kubelet has never reported")
    pressed = [one for one in status.conditions or () if one.type != "Ready" and one.status == "True"]
    if pressed:
        return Health(Level.WARNING, pressed[0].type, "; ".join(one.message for one in pressed))
    if found.spec.unschedulable:
        return Health(Level.WARNING, "SchedulingDisabled")
    return Health(Level.HEALTHY, "Ready")


def _pod(found: KubeObject) -> Health:
    status, word = found.status, _pod_status(found)
    if found.metadata.deletion_timestamp and status.phase not in ("Failed", "Succeeded"):
        return Health(Level.UNKNOWN, word)
    containers = [*(status.init_container_statuses or ()), *(status.container_statuses or ())]
    for one in containers:
        waiting = one.state.waiting
        if waiting is not None and _is_failure(waiting.reason):
            return Health(Level.UNHEALTHY, word, waiting.message)
    match status.phase:
        case "Succeeded":
            return Health(Level.HEALTHY, word)
        case "Failed":
            return Health(Level.UNHEALTHY, word, status.message or _ending(containers))
        case "Pending":
            return _pending(found, word)
        case "Running":
            return _running(found, word, containers)
        case _:
            return Health(Level.UNKNOWN, word, status.message)


def _pending(found: KubeObject, word: str) -> Health:
    scheduled = found.status.find_condition("PodScheduled")
    if scheduled is not None and scheduled.reason == "Unschedulable":
        return Health(Level.WARNING, "Unschedulable", scheduled.message)
    return Health(Level.UNKNOWN, word, found.status.message)


def _running(found: KubeObject, word: str, containers: list[ContainerStatus]) -> Health:
    if found.status.has_condition("Ready"):
        return Health(Level.HEALTHY, word)
    if found.spec.restart_policy != "Always":
        failed = _ending(containers)
        return Health(Level.WARNING, word, failed) if failed else Health(Level.HEALTHY, word)
    if any(one.last_state.terminated for one in found.status.container_statuses or ()):
        return Health(Level.UNHEALTHY, word, _ending(containers, "last_state"))
    ready = found.status.find_condition("Ready")
    return Health(Level.WARNING, "NotReady" if word == "Running" else word, ready.message if ready else "")


def _is_failure(reason: str) -> bool:
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff")) or reason == "InvalidImageName"


def _ending(containers: list[ContainerStatus], which: str = "state") -> str:
    """Return how the first container that failed ended."""
    for one in containers:
        ended = (one.state if which == "state" else one.last_state).terminated
        if ended is not None and (ended.exit_code or ended.signal):
            return ended.message or f"container {one.name}: {ended.reason or 'Error'}, exit code {ended.exit_code}"
    return ""


def _pod_status(found: KubeObject) -> str:
    """Return what `kubectl get pods` shows as STATUS."""
    status = found.status
    initializing = "" if status.has_condition("Initialized") else _init_status(found)
    word = initializing or _containers_status(found, status.reason or status.phase)
    gate = status.find_condition("PodScheduled")
    if gate is not None and gate.reason == "SchedulingGated":
        word = gate.reason
    if found.metadata.deletion_timestamp and status.phase not in ("Failed", "Succeeded"):
        return "Unknown" if status.reason == "NodeLost" else "Terminating"
    return word


def _init_status(found: KubeObject) -> str:
    """Return where initialisation stands, empty when it is over."""
    declared = found.spec.init_containers or []
    sidecars = {one.name for one in declared if one.restart_policy == "Always"}
    for number, one in enumerate(found.status.init_container_statuses or ()):
        ended, waiting = one.state.terminated, one.state.waiting
        if (ended is not None and ended.exit_code == 0) or (one.name in sidecars and one.started):
            continue
        if ended is not None:
            return f"Init:{_ended_word(ended.reason, ended.signal, ended.exit_code)}"
        if waiting is not None and waiting.reason not in ("", "PodInitializing"):
            return f"Init:{waiting.reason}"
        return f"Init:{number}/{len(declared)}"
    return ""


def _containers_status(found: KubeObject, word: str) -> str:
    has_running = False
    for one in reversed(found.status.container_statuses or []):
        ended, waiting = one.state.terminated, one.state.waiting
        if waiting is not None and waiting.reason:
            word = waiting.reason
        elif ended is not None:
            word = _ended_word(ended.reason, ended.signal, ended.exit_code)
        elif one.ready and one.state.running is not None:
            has_running = True
    if word == "Completed" and has_running:
        return "Running" if found.status.has_condition("Ready") else "NotReady"
    return word


def _ended_word(reason: str, signal: int, exit_code: int) -> str:
    return reason or (f"Signal:{signal}" if signal else f"ExitCode:{exit_code}")


_RULES: Mapping[str, Callable[[KubeObject], Health]] = {
    "Namespace": _namespace,
    "Node": _node,
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replica_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Pod": _pod,
}
