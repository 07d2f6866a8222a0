"""A zipapp under a Go host built on the real hashicorp/go-plugin, in both contracts."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from mc_kube.kubeconfig_text import render_kubeconfig
from tests.fixtures.fix_go import run_go_host
from tests.kubernetes_logs.scene import open_scene


def _env() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).resolve().parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize("contract", ["released", "documented"])
def test_c2_go_host_launches_registers_invokes_and_kills_the_zipapp(
    go_peers: Path, postgres_zipapp: Path, contract: str
) -> None:
    report = run_go_host(
        go_peers,
        postgres_zipapp,
        f"--contract={contract}",
        "--invoke=version={}",
        "--invoke=unheard-of={}",
        "--invoke=query={",
        env=_env(),
    )
    manifest = report["manifest"]
    assert (manifest["name"], manifest["tabs"][0]["path"], manifest["uiPort"] > 0) == ("postgres", "/", True)
    assert [operation["name"] for operation in manifest["operations"]] == report["operations"]
    assert report["healthy"] is True
    version, unknown, garbled = report["answers"]
    assert (version["result"]["name"], version["mime"]) == ("postgres", "application/json")
    assert (unknown["code"], unknown["error"]) == ("UNKNOWN_OPERATION", 'unknown operation "unheard-of"')
    assert garbled["code"] == "invalid"
    assert report["exited"] is True
    assert report["killMillis"] < 2000


@pytest.mark.parametrize("contract", ["released", "documented"])
def test_a60_go_host_answers_the_callbacks_and_gets_rows_of_a_real_server(
    go_peers: Path, postgres_zipapp: Path, postgres_url: str, contract: str
) -> None:
    report = run_go_host(
        go_peers,
        postgres_zipapp,
        f"--contract={contract}",
        f"--url={postgres_url}",
        '--invoke=query={"statement": "select 1 as one"}',
        '--invoke=sessions-list={"includeIdle": true}',
        env=_env(),
    )
    query, sessions = report["answers"]
    assert query.get("error", "") == ""
    assert query["result"]["rows"] == [{"one": 1}]
    assert isinstance(sessions["result"], list)
    assert {"GetConfigItem", "GetConnection"} <= set(report["callbacks"])
    assert set(report["tokens"].values()) <= {"token-of-query", "token-of-sessions-list"}
    assert report["tokens"]


@pytest.mark.parametrize("contract", ["released", "documented"])
async def test_a1_go_host_gives_kubernetes_logs_its_cluster_and_gets_lines(
    go_peers: Path, klogs_zipapp: Path, contract: str
) -> None:
    async with open_scene() as scene:
        await scene.put_pod("web-1")
        await scene.api.logs.write("web-1", "INFO one", "ERROR two")
        report = await asyncio.to_thread(
            run_go_host,
            go_peers,
            klogs_zipapp,
            f"--contract={contract}",
            "--workload=Deployment/web",
            f"--kubeconfig={render_kubeconfig(scene.api.access)}",
            "--invoke=list-pods={}",
            '--invoke=logs={"tailLines": "10"}',
            env=_env(),
        )
    pods, lines = report["answers"]
    assert [one["pod"] for one in pods["result"]] == ["web-1"]
    assert [row["line"] for row in lines["result"]] == ["INFO one", "ERROR two"]
    assert {"GetConfigItem", "GetConnection"} <= set(report["callbacks"])
    assert report["manifest"]["name"] == "kubernetes-logs" and report["exited"] is True


@pytest.mark.parametrize("contract", ["released", "documented"])
def test_b16_go_host_that_asks_for_automtls_registers_and_is_called_back(
    go_peers: Path, postgres_zipapp: Path, postgres_url: str, contract: str
) -> None:
    report = run_go_host(
        go_peers,
        postgres_zipapp,
        "--automtls",
        f"--contract={contract}",
        f"--url={postgres_url}",
        '--invoke=query={"statement": "select 1 as one"}',
        env=_env(),
    )
    [query] = report["answers"]
    assert query["result"]["rows"] == [{"one": 1}]
    assert {"GetConfigItem", "GetConnection"} <= set(report["callbacks"])
    assert report["exited"] is True
