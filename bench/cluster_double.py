"""A process that serves a cluster of many generated pods over HTTP: `python -m bench.cluster_double COUNT`."""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
from typing import Any

from mc_kube.resources import DEPLOYMENTS, NAMESPACES, NODES, PODS, REPLICASETS, ResourceType
from tests.doubles.kube_api import KubeApi

PODS_PER_DEPLOYMENT = 10
NAMESPACE_COUNT = 50
NODE_COUNT = 100
READY_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
STAMP = "2026-01-01T00:00:00Z"


def make_pod(number: int) -> dict[str, Any]:
    """Return a pod of the size that clusters with sidecars, probes and mounts have: about 7 KB of JSON."""
    dice = random.Random(number)
    owner, node = number // PODS_PER_DEPLOYMENT, f"node-{number % NODE_COUNT}"
    app, template = f"service-{owner}", hashlib.md5(str(owner).encode()).hexdigest()[:10]
    name = f"{app}-{template}-{dice.randrange(16**5):05x}"
    containers = [_container(app, number), _container("proxy", number)]
    statuses = [_status(one, number) for one in containers]
    conditions = [{"type": one, "status": "True", "lastTransitionTime": STAMP} for one in READY_CONDITIONS]
    labels = {"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "pod-template-hash": template}
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-{template}", "controller": True}
    managed = {"manager": "kubelet", "operation": "Update", "fieldsV1": {f"f:field-{i}": {} for i in range(40)}}
    return {
        "name": name,
        "namespace": f"team-{owner % NAMESPACE_COUNT}",
        "metadata": {
            "labels": labels,
            "annotations": {"checksum/config": hashlib.sha256(name.encode()).hexdigest()},
            "ownerReferences": [reference | {"uid": f"rs-{owner}"}],
            "managedFields": [managed],
        },
        "spec": {
            "nodeName": node,
            "restartPolicy": "Always",
            "serviceAccountName": app,
            "containers": containers,
            "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}],
            "volumes": [{"name": f"volume-{i}", "configMap": {"name": f"{app}-{i}"}} for i in range(4)],
        },
        "status": {
            "phase": "Running",
            "podIP": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "hostIP": f"192.168.0.{number % NODE_COUNT}",
            "startTime": STAMP,
            "conditions": conditions,
            "containerStatuses": statuses,
        },
    }


def _container(name: str, number: int) -> dict[str, Any]:
    digest = hashlib.sha256(f"{name}{number // PODS_PER_DEPLOYMENT}".encode()).hexdigest()
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
    return {
        "name": name,
        "image": f"images.test/{name}@sha256:{digest}",
        "args": [f"--setting-{i}=value-{i}" for i in range(8)],
        "env": [{"name": f"SETTING_{i}", "value": f"value of setting {i}"} for i in range(10)],
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "readinessProbe": probe,
        "livenessProbe": probe,
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "volumeMounts": [{"name": f"volume-{i}", "mountPath": f"/etc/{name}/{i}"} for i in range(4)],
    }


def _status(container: dict[str, Any], number: int) -> dict[str, Any]:
    unique = hashlib.sha256(f"{container['name']}/{number}".encode()).hexdigest()
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": container["image"],
        "containerID": f"containerd://{unique}",
        "ready": True,
        "started": True,
        "restartCount": number % 3,
        "state": {"running": {"startedAt": STAMP}},
        "lastState": {},
    }


async def fill(api: KubeApi, pods: int) -> None:
    """Put namespaces, nodes, workloads and pods into the server."""
    active, ready = {"phase": "Active"}, {"conditions": [{"type": "Ready", "status": "True"}]}
    await api.put(NAMESPACES, "kube-system", status=active)
    for number in range(NAMESPACE_COUNT):
        await api.put(NAMESPACES, f"team-{number}", status=active)
    for number in range(NODE_COUNT):
        await api.put(NODES, f"node-{number}", status=ready)
    replicas = {"spec": {"replicas": PODS_PER_DEPLOYMENT}, "status": {"availableReplicas": PODS_PER_DEPLOYMENT}}
    kinds: tuple[ResourceType, ...] = (DEPLOYMENTS, REPLICASETS)
    for owner in range(pods // PODS_PER_DEPLOYMENT):
        for kind in kinds:
            await api.put(kind, f"service-{owner}", f"team-{owner % NAMESPACE_COUNT}", **replicas)
    for number in range(pods):
        made = make_pod(number)
        await api.put(PODS, made.pop("name"), made.pop("namespace"), **made)
    api.compact()


async def serve(pods: int) -> None:
    """Print the address and serve until killed."""
    api = KubeApi()
    await fill(api, pods)
    await api.start()
    print(api.access.server, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
