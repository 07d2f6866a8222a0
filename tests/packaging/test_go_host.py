"""A zipapp under a Go host built on the real hashicorp/go-plugin, in both contracts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.fixtures.fix_go import run_go_host


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
