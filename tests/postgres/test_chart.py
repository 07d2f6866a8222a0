"""A52: what the chart renders, and that what it renders works. Helm is built from source, hence live."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mc_host.config import NetworkConfig
from mc_sql.testing import PostgresServer, free_port
from tests.fixtures.fix_certificates import Authority
from tests.fixtures.fix_helm import Chart, misfits
from tests.fixtures.fix_host import HostFolder, folder, open_client
from tests.fixtures.fix_plugin_process import plugin_env

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "postgres" / "chart"
pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]
__all__ = ["folder"]


@pytest.fixture
def chart(helm: str) -> Chart:
    """Return the plugin's chart."""
    return Chart(helm, FOLDER, "pg")


def test_a52_remote_mode_serves_grpc_and_page_with_tls_and_probes(chart: Chart) -> None:
    objects = chart.render("tls.secretName=pg-tls", "networkPolicy.enabled=true", "plugin.caCert=PEM")
    plugin = objects["Plugin", "postgres"]
    assert misfits(plugin) == []
    assert (plugin["spec"]["address"], plugin["spec"]["caCert"]) == ("pg.mc:9000", "PEM")
    service = objects["Service", "pg"]["spec"]
    assert {one["name"]: one["port"] for one in service["ports"]} == {"grpc": 9000, "http": 9001}
    spec = objects["Deployment", "pg"]["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
    served = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert served == {"grpc": 9000, "http": 9001}
    assert {one["targetPort"] for one in service["ports"]} == set(served)
    assert "--serve-tls-client-ca" in container["args"] and "--insecure" not in container["args"]
    assert container["securityContext"]["readOnlyRootFilesystem"] and spec["automountServiceAccountToken"] is False
    policy = objects["NetworkPolicy", "pg"]["spec"]["ingress"][0]["ports"]
    assert {one["port"] for one in policy} == {"grpc", "http"}
    grant = objects["Permission", "allow-postgres-plugin-to-read-connection"]["spec"]
    assert grant["subject"] == {"plugin": "mc/postgres"}
    assert grant["object"]["connections"][0]["labelSelector"] == "mission-control/connection-type=postgres"


def test_a52_local_mode_is_the_resources_alone(chart: Chart) -> None:
    objects = chart.render("mode=local")
    assert {kind for kind, _ in objects} == {"Plugin", "Permission"}
    spec = objects["Plugin", "postgres"]["spec"]
    assert misfits(objects["Plugin", "postgres"]) == []
    assert spec["source"] == "postgres" and "address" not in spec


def test_a52_values_reach_the_resource(chart: Chart) -> None:
    objects = chart.render(
        "mode=local",
        "permission.create=false",
        "plugin.hostGRPCAddress=host.mc:1",
        "plugin.connections.types.sql=connection://mc/app",
        "plugin.selector.labelSelector=team=shop",
        "plugin.audit={query,session-*}",
        "plugin.properties.rowLimit=9",
    )
    assert {kind for kind, _ in objects} == {"Plugin"}
    spec = objects["Plugin", "postgres"]["spec"]
    assert misfits(objects["Plugin", "postgres"]) == []
    assert spec["hostGRPCAddress"] == "host.mc:1"
    assert spec["connections"] == {"types": {"sql": "connection://mc/app"}}
    assert spec["selector"]["labelSelector"] == "team=shop"
    assert (spec["audit"], spec["properties"]) == (["query", "session-*"], {"rowLimit": 9})


def test_a52_serving_in_the_clear_must_be_asked_for(chart: Chart) -> None:
    done = chart.run()
    assert done.returncode != 0
    assert "set tls.secretName" in done.stderr
    assert ("Deployment", "pg") in chart.render("tls.insecure=true")


async def test_a52_the_tab_of_a_remote_plugin_loads_through_the_two_ports_of_its_service(
    chart: Chart, folder: HostFolder, authority: Authority, postgres_zipapp: Path, server: PostgresServer
) -> None:
    ports = {":9000": free_port(), ":9001": free_port()}
    pair, own = authority.issue("plugin"), authority.issue("host")
    files = {"/tls/tls.crt": pair.certificate, "/tls/tls.key": pair.key, "/tls/ca.crt": authority.path}
    objects = chart.render(
        "tls.secretName=pg-tls",
        f"plugin.address=127.0.0.1:{ports[':9000']}",
        "plugin.connections.types.sql=connection://mc/app",
    )
    [container] = objects["Deployment", "pg"]["spec"]["template"]["spec"]["containers"]
    args = [f"127.0.0.1:{ports[one]}" if one in ports else str(files.get(one, one)) for one in container["args"]]
    resource = objects["Plugin", "postgres"]
    resource["spec"]["caCert"] = authority.path.read_text()
    connection = {"kind": "Connection", "metadata": {"name": "app", "namespace": "mc"}}
    folder.write(
        "all.yaml",
        resource,
        connection | {"spec": {"type": "postgres", "url": server.url()}},
        folder.item("db", "PostgreSQL::Server", connection="connection://mc/app"),
    )
    env = {name: value for name, value in plugin_env().items() if name in ("PATH", "HOME")}
    process = await asyncio.create_subprocess_exec(postgres_zipapp, *args, env=env, stderr=asyncio.subprocess.PIPE)
    network = NetworkConfig(
        plugin_certificate=own.certificate,
        plugin_key=own.key,
        listen=f"127.0.0.1:{free_port()}",
        certificate=own.certificate,
        key=own.key,
        client_ca=authority.path,
        ca=authority.path,
    )
    try:
        async with open_client(folder.config(network=network)) as client:
            await client.reaches("running", "postgres")
            runtime = client.host.registry.get("postgres").runtime
            assert runtime is not None and runtime.http_base == f"https://127.0.0.1:{ports[':9001']}"
            status, _, page = await client.request("GET", "/api/plugins/postgres/ui/")
            assert status == 200 and b"assets/" in page
            [item] = (await client.get("/api/catalog/items"))["items"]
            status, answer = await client.invoke("query", {"statement": "select 1"}, plugin="postgres", item=item["id"])
            assert status == 200, answer
            assert answer["rows"] == [{"?column?": 1}]
            path = f"/api/plugins/postgres/proxy/query-stream?config_id={item['id']}"
            status, _, body = await client.request("POST", path, json={"statement": "select 2"})
            assert status == 200 and b"[2]" in body
    finally:
        process.terminate()
        await process.communicate()
