"""A26: what the chart renders. Helm is built from source, hence live."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.fix_helm import Chart, misfits

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "kubernetes_logs" / "chart"
pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


@pytest.fixture
def chart(helm: str) -> Chart:
    """Return the plugin's chart."""
    return Chart(helm, FOLDER, "logs")


def test_a26_remote_mode_serves_grpc_and_page_with_tls_probes_and_least_privilege(chart: Chart) -> None:
    objects = chart.render(
        "tls.secretName=logs-tls", "podLabels.team=shop", "extraEnv[0].name=X", "extraEnv[0].value=1"
    )
    plugin = objects["Plugin", "kubernetes-logs"]
    assert plugin["spec"]["address"] == "logs.mc:9000"
    assert misfits(plugin) == []
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


def test_a26_local_mode_is_the_resources_alone(chart: Chart) -> None:
    objects = chart.render("mode=local")
    assert {kind for kind, _ in objects} == {"Plugin", "Permission"}
    assert "address" not in objects["Plugin", "kubernetes-logs"]["spec"]


def test_a26_serving_in_the_clear_must_be_asked_for(chart: Chart) -> None:
    assert chart.run().returncode != 0
    args = chart.render("tls.insecure=true", "rbac.clusterWide=false")
    assert ("Role", "logs") in args
