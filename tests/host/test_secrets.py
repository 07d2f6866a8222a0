"""Sentinel secrets go through a running host, and appear in no log line, no answer but the plugin's, and no file."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from mc_host.logs import JsonFormatter, TerminalFormatter
from mc_host.resources import ConnectionResource
from tests.fixtures.fix_host import HostClient, HostFolder, eventually, open_client
from tests.fixtures.fix_issuer import issuer_document, open_issuer

SENTINEL = "s3nt1nel"
PATHS = [
    "/api/me",
    "/api/catalog/items",
    "/api/catalog/items/{item}",
    "/api/catalog/items/{item}/changes",
    "/api/changes",
    "/api/plugins",
    "/api/plugins?config_id={item}",
    "/api/plugin-status",
    "/api/plugins/helper/logs",
]


def connection(name: str, **spec: object) -> dict[str, object]:
    """Return a connection full of secrets."""
    secrets = {
        "type": "postgres",
        "url": f"postgres://u:{SENTINEL}-url@h/db",
        "username": "u",
        "password": {"valueFrom": {"env": "DB_PASSWORD"}},
        "certificate": f"{SENTINEL}-certificate",
        "properties": {"token": f"{SENTINEL}-token"},
    }
    return {"kind": "Connection", "metadata": {"name": name, "namespace": "default"}, "spec": secrets | spec}


async def everything_said(client: HostClient, item: str) -> str:
    """Return what every listing answers."""
    return "".join([(await client.request("GET", path.format(item=item)))[2].decode() for path in PATHS])


async def test_secrets_reach_the_plugin_and_nobody_else(folder: HostFolder, caplog: pytest.LogCaptureFixture) -> None:
    output = io.StringIO()
    handlers = [logging.StreamHandler(output), logging.StreamHandler(output)]
    for handler, formatter in zip(handlers, (JsonFormatter(), TerminalFormatter()), strict=True):
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
    caplog.set_level(logging.DEBUG)
    types = {"sql": "connection://db", "missing": "connection://broken", "file": "connection://file"}
    folder.plugin(connections={"types": types}, audit=["*"], env={"OWN_SECRET": f"{SENTINEL}-env"})
    folder.write("items.yaml", folder.item("alpha", connection="connection://default/db"))
    folder.write("db.yaml", connection("db"))
    folder.write("broken.yaml", connection("broken", password={"valueFrom": {"env": "ABSENT"}}))
    folder.write("file.yaml", connection("file", password={"valueFrom": {"file": "/nowhere"}}))
    environ = {**folder.config().environ, "DB_PASSWORD": f"{SENTINEL}-password"}
    async with open_issuer() as issuer:
        folder.write("issuer.yaml", issuer_document(issuer))
        async with open_client(folder.config(environ=environ)) as client:
            await client.reaches("running")
            item = (await client.get("/api/catalog/items"))["items"][0]["id"]
            found = (await client.invoke("get-connection", {"type": "sql"}, item=item))[1]
            assert found["password"] == f"{SENTINEL}-password"
            said = ""
            for kind in ("missing", "file"):
                said += str(await client.invoke("get-connection", {"type": kind}, item=item))
            bad = connection("db", url=[SENTINEL])
            folder.write("db.yaml", bad)
            await eventually(lambda: client.host.problems, "the bad connection is noticed")
            said += "".join(client.host.problems)
            refused = issuer.sign(aud=f"{SENTINEL}-audience")
            said += str(await client.request("GET", "/api/me", headers={"Authorization": f"Bearer {refused}"}))
            token = (await client.invoke("echo", {"text": "x"}, item=item))[1]["token"]
            tokens = [client.host.tokens.owner, refused, token]
            said += await everything_said(client, item)
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
    logged = output.getvalue()
    assert "plugin helper loaded" in logged
    state = b"".join(path.read_bytes() for path in (folder.root / "state").glob("state.db*"))
    for secret in (SENTINEL, *tokens):
        assert secret not in logged and secret not in said and secret.encode() not in state
    assert "BEGIN" not in logged


def test_resource_with_literal_secrets_is_not_spelt_out_by_accident(tmp_path: Path) -> None:
    import msgspec

    from mc_host.connections.values import Sources, read_values

    document = connection("db")
    resource = msgspec.convert(
        {"id": "1", "name": "db", "namespace": "d", "spec": document["spec"], "origin": "f"}, ConnectionResource
    )
    assert SENTINEL not in repr(read_values(resource, Sources({"DB_PASSWORD": SENTINEL})))
    assert SENTINEL not in repr(resource)
