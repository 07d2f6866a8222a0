"""The whole way of a token: a signed-in user, the host's checks, an SDK plugin's checks, and back to the host."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mc_wire.handshake import TOKEN_HEADER
from mc_wire.headers import SECRET_HEADER
from tests.fixtures.fix_host import HostClient, HostFolder, open_client
from tests.fixtures.fix_issuer import Issuer, issuer_document, open_issuer
from tests.fixtures.fix_tokens import sign

SAMPLE = Path(__file__).parents[1] / "sdk" / "sample_plugin.py"
POLICY = """
p, ann, catalog:read, namespace=shop
p, ann, invoke:sample:*, *
p, ann, plugin-role:sample:write, namespace=shop
p, viewer, catalog:read, *
"""


@dataclass
class Line:
    """A host with the SDK's sample plugin, and users."""

    client: HostClient
    issuer: Issuer
    ids: dict[str, str]

    async def ask(self, user: str, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Return status and JSON lines of a request below the plugin as `user`."""
        headers = {"Authorization": f"Bearer {self.issuer.sign(sub=user)}", "Content-Type": "application/json"}
        url = f"/api/plugins/sample/{path}"
        status, _, answer = await self.client.request(method, url, signed_in=False, headers=headers, data=body)
        return status, [msgspec.json.decode(line) for line in answer.splitlines()]


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    folder = HostFolder(tmp_path / "host")
    folder.install("sample", f"#!/bin/sh\nexec {sys.executable} {SAMPLE}\n")
    folder.write("p.yaml", {"kind": "Plugin", "metadata": {"name": "sample"}, "spec": {"source": "sample"}})
    folder.write("items.yaml", folder.item("alpha", namespace="shop"), folder.item("beta", namespace="bank"))
    (folder.config_dir / "policy.csv").write_text(POLICY)
    async with open_issuer() as issuer:
        folder.write("issuer.yaml", issuer_document(issuer))
        async with open_client(folder.config()) as client:
            await client.reaches("running", "sample")
            ids = {row["name"]: row["id"] for row in (await client.get("/api/catalog/items"))["items"]}
            yield Line(client, issuer, ids)


async def test_user_and_roles_reach_the_plugin_both_ways(line: Line) -> None:
    alpha = line.ids["alpha"]
    wanted = {"text": "hello you", "roles": ["write"], "user": "ann", "item": alpha}
    for route in ("invoke", "proxy"):
        path = f"{route}/greet?config_id={alpha.upper()}"
        assert await line.ask("ann", "POST", path, b'{"name":"you"}') == (200, [wanted])
    assert (await line.ask("ann", "GET", f"proxy/count?config_id={alpha}&lines=3"))[0] == 200
    assert await line.ask("ann", "POST", f"invoke/item-name?config_id={alpha}", b"{}") == (200, ["alpha"])
    for user, item in (("ann", "beta"), ("viewer", "alpha"), ("stranger", "alpha")):
        for route in ("invoke", "proxy"):
            path = f"{route}/greet?config_id={line.ids[item]}"
            assert (await line.ask(user, "POST", path, b'{"name":"you"}'))[0] == 403


async def test_s3_plugins_own_port_believes_nobody_but_the_host(line: Line) -> None:
    runtime = line.client.host.registry.get("sample").runtime
    assert runtime is not None
    entry, alpha = line.client.host.registry.get("sample"), line.ids["alpha"]
    forged = sign(pluginID=entry.id, config=alpha, operation="greet", roles=["write"])
    secret = {SECRET_HEADER: runtime.http_secret}
    url = f"{runtime.http_base}/__mc/operations/greet?config_id={alpha}"
    for headers, status in (
        ({}, 401),
        ({TOKEN_HEADER: forged}, 401),
        ({TOKEN_HEADER: forged, **secret}, 401),
        (secret, 401),
    ):
        async with line.client.session.post(url, json={"name": "x"}, headers=headers) as response:
            assert response.status == status
