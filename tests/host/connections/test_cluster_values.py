"""Values that lie in the host's cluster: Secrets and ConfigMaps of the connection's own namespace."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from mc_host.resources import ConnectionResource, parse_resource
from mc_kube.resources import CONFIG_MAPS, SECRETS
from mc_wire.errors import Forbidden, NotFound, OperationError
from tests.doubles.kube_api import KubeApi, open_kube_api
from tests.host.connections.test_resolve import Setting, declared

PLUGIN = declared({"types": {"sql": "connection://prod/db"}})


def connection(password: dict[str, object], **properties: object) -> ConnectionResource:
    """Return the connection `prod/db` as a user writes it."""
    spec = {"type": "postgres", "url": "postgres://u:$(password)@h/db", "password": password, "properties": properties}
    metadata = {"name": "db", "namespace": "prod"}
    document = {
        "apiVersion": "mission-control.flanksource.com/v1",
        "kind": "Connection",
        "metadata": metadata,
        "spec": spec,
    }
    found = parse_resource(document, Path("f.yaml"))
    assert isinstance(found, ConnectionResource)
    return found


def secret(key: str, name: str = "db") -> dict[str, object]:
    return {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


@pytest.fixture
async def api() -> AsyncIterator[KubeApi]:
    async with open_kube_api() as opened:
        data = {"password": base64.b64encode(b"s3cret\n").decode(), "raw": base64.b64encode(b"\xff\xfe").decode()}
        await opened.put(SECRETS, "db", "prod", data=data)
        await opened.put(SECRETS, "db", "other", data={"password": base64.b64encode(b"other's").decode()})
        await opened.put(CONFIG_MAPS, "settings", "prod", data={"schema": "shop"})
        yield opened


@pytest.fixture
def setting(api: KubeApi, tmp_path: Path) -> Setting:
    kubeconfig = {
        "clusters": [{"name": "c", "cluster": {"server": api.access.server}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (tmp_path / "config").write_text(yaml.safe_dump(kubeconfig))
    made = Setting()
    made.resolver._environ = {"KUBECONFIG": str(tmp_path / "config"), "HOME": "/nowhere"}
    return made


async def test_secrets_and_config_maps_fill_a_connection(setting: Setting) -> None:
    schema = {"valueFrom": {"configMapKeyRef": {"name": "settings", "key": "schema"}}}
    setting.resolver.replace_all([connection(secret("password"), schema=schema)])
    found = await setting.ask(PLUGIN, type="sql")
    assert (found.password, found.url) == ("s3cret", "postgres://u:s3cret@h/db")
    assert found.properties["schema"] == "shop"


@pytest.mark.parametrize(
    ("password", "text"),
    [
        (secret("nothing"), 'Secret prod/db has no key "nothing"'),
        (secret("password", "gone"), 'secrets "gone" not found'),
        (secret("raw"), "Secret db: key 'raw' is not text"),
    ],
)
async def test_what_is_missing_is_named(setting: Setting, password: dict[str, object], text: str) -> None:
    setting.resolver.replace_all([connection(password)])
    with pytest.raises(OperationError, match=text):
        await setting.ask(PLUGIN, type="sql")


async def test_right_that_is_missing_is_named(setting: Setting, api: KubeApi) -> None:
    api.denied.add(("get", "secrets"))
    setting.resolver.replace_all([connection(secret("password"))])
    with pytest.raises(Forbidden, match='get secrets "db" in namespace "prod"'):
        await setting.ask(PLUGIN, type="sql")


async def test_host_without_a_cluster_says_so(setting: Setting) -> None:
    setting.resolver._environ = {"HOME": "/nowhere"}
    setting.resolver.replace_all([connection(secret("password"))])
    with pytest.raises(NotFound, match="no kubeconfig"):
        await setting.ask(PLUGIN, type="sql")
