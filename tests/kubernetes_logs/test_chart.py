"""A26: what the chart renders. Helm is built from source, hence live."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures.fix_go import find_go

CHART = Path(__file__).resolve().parents[2] / "plugins" / "kubernetes_logs" / "chart"
HELM = "helm.sh/helm/v3/cmd/helm@v3.16.4"
pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a helm program."""
    found = shutil.which("helm")
    if found:
        return found
    go = find_go()
    if go is None:
        pytest.skip("helm is not installed, and there is no Go to build it")
    folder = tmp_path_factory.mktemp("helm")
    subprocess.run([go, "install", HELM], env={**os.environ, "GOBIN": str(folder)}, check=True, timeout=800)
    return str(folder / "helm")


def render(helm: str, *values: str) -> dict[tuple[str, str], Any]:
    """Return the rendered objects by kind and name."""
    command = [helm, "template", "logs", str(CHART), "--namespace", "mc"]
    for value in values:
        command += ["--set", value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    objects = [one for one in yaml.safe_load_all(done.stdout) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def test_a26_remote_mode_serves_grpc_and_page_with_tls_probes_and_least_privilege(helm: str) -> None:
    objects = render(
        helm, "tls.secretName=logs-tls", "podLabels.team=shop", "extraEnv[0].name=X", "extraEnv[0].value=1"
    )
    plugin = objects["Plugin", "kubernetes-logs"]
    assert plugin["spec"]["address"] == "logs.mc:9000"
    ports = {one["name"]: one["port"] for one in objects["Service", "logs"]["spec"]["ports"]}
    assert ports == {"grpc": 9000, "http": 9001}
    spec = objects["Deployment", "logs"]["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
    assert "--serve-tls-client-ca" in container["args"] and "--insecure" not in container["args"]
    assert container["securityContext"]["readOnlyRootFilesystem"] and spec["automountServiceAccountToken"] is False
    rules = objects["ClusterRole", "logs"]["rules"]
    assert not [
        rule for rule in rules if {"*", "create", "update", "delete", "secrets"} & {*rule["verbs"], *rule["resources"]}
    ]
    pods = next(rule for rule in rules if rule["resources"] == ["pods"])
    assert pods["verbs"] == ["get", "list", "watch"]
    grant = objects["Permission", "allow-kubernetes-logs-plugin-to-read-connection"]["spec"]
    assert grant["subject"] == {"plugin": "mc/kubernetes-logs"}
    assert "name" not in grant["object"]["connections"][0]


def test_a26_local_mode_is_the_resources_alone(helm: str) -> None:
    objects = render(helm, "mode=local")
    assert {kind for kind, _ in objects} == {"Plugin", "Permission"}
    assert "address" not in objects["Plugin", "kubernetes-logs"]["spec"]


def test_a26_serving_in_the_clear_must_be_asked_for(helm: str) -> None:
    command = [helm, "template", "logs", str(CHART)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
    args = render(helm, "tls.insecure=true", "rbac.clusterWide=false")
    assert ("Role", "logs") in args
