"""Which connection a plugin gets, lookup by lookup, and what it is told when it gets none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mc_host.catalog.items import from_resource
from mc_host.catalog.store import Catalog
from mc_host.connections.cache import ConnectionCache
from mc_host.connections.references import Reference, parse_reference
from mc_host.connections.resolve import ConnectionResolver
from mc_host.permissions import PolicyPermissions
from mc_host.registry import Entry, Registry
from mc_host.resources import (
    ConnectionResource,
    ConnectionSpec,
    ItemResource,
    ItemSpec,
    PluginSpec,
    ValueFrom,
    ValueSource,
)
from mc_wire.errors import Forbidden, InvalidParams, NotFound, OperationError
from mc_wire.model import JSON, Connection, ConnectionQuery, Contract

DB, OTHER, CLUSTER = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
ITEM, BARE, FOREIGN = (f"00000000-0000-4000-8000-00000000001{n}" for n in (1, 2, 3))


def connection(connection_id: str, name: str, namespace: str = "prod", **spec: Any) -> ConnectionResource:
    """Return a connection resource."""
    values = {"type": "postgres", "url": f"postgres://h/{name}", **spec}
    return ConnectionResource(
        id=connection_id, name=name, namespace=namespace, spec=ConnectionSpec(**values), origin="f"
    )


def item(item_id: str, reference: str, kind: str = "PostgreSQL::Database") -> ItemResource:
    """Return an item resource in namespace `prod`."""
    spec = ItemSpec(type=kind, connection=reference)
    return ItemResource(id=item_id, name=item_id[-2:], namespace="prod", spec=spec, origin="f")


class Denying(PolicyPermissions):
    """Refuses every connection once told to."""

    is_denied = False

    def can_use_connection(self, plugin: Entry, connection: str) -> bool:
        """Answer as told."""
        return not self.is_denied


class Setting:
    """A resolver with three connections and three items."""

    served = "PostgreSQL::*"
    """The items of the plugin that asks."""

    def __init__(self) -> None:
        self.permissions = Denying()
        self.catalog = catalog = Catalog()
        items = [item(ITEM, "connection://db"), item(BARE, ""), item(FOREIGN, "connection://db", "Kubernetes::Pod")]
        catalog.replace_source("s", [from_resource(one, "s") for one in items])
        self.resolver = ConnectionResolver(catalog, self.permissions, {"SECRET": "s3"}, ConnectionCache(300.0))
        self.resources = [
            connection(DB, "db"),
            connection(OTHER, "other"),
            connection(CLUSTER, "k8s", type="kubernetes", certificate="kubeconfig text"),
        ]
        self.resolver.replace_all(self.resources)

    async def ask(
        self, spec: PluginSpec, query: dict[str, str] | None = None, contract: str = "documented", **more: str
    ) -> Connection:
        """Return what a plugin in namespace `prod` gets."""
        spec.source, spec.selector = "p", {"types": [self.served]}
        entry = Registry().upsert("id", "p", "prod", spec)
        return await self.resolver.resolve(entry, ConnectionQuery(**(query or {}), **more), Contract(contract))


@pytest.fixture
def setting() -> Setting:
    """Return a fresh resolver."""
    return Setting()


def declared(connections: dict[str, JSON], sql: JSON = None) -> PluginSpec:
    """Return a plugin's spec with these declarations."""
    return PluginSpec(connections=connections, sql_connection=sql)


TYPES = {"types": {"sql": "connection://db"}, "labels": {"spare": "connection://prod/other"}}


@pytest.mark.parametrize(
    ("spec", "query", "url"),
    [
        (declared(TYPES), {"type": "sql"}, "postgres://h/db"),
        (declared(TYPES), {"label": "spare"}, "postgres://h/other"),
        (declared({}), {"item_id": ITEM}, "postgres://h/db"),
        (declared({}), {"connection_id": OTHER}, "postgres://h/other"),
        (declared({"sql": {}}), {"type": "sql", "item_id": ITEM}, "postgres://h/db"),
        (declared({"sql": {"connection": "connection://other"}}), {"type": "sql"}, "postgres://h/other"),
        (
            declared({"sql": {"connection": "connection://other"}}),
            {"type": "sql", "item_id": ITEM},
            "postgres://h/other",
        ),
        (declared({}, {"connection": "connection://other"}), {"type": "sql", "item_id": ITEM}, "postgres://h/other"),
        (declared({"types": {"sql": OTHER}}), {"type": "sql", "item_id": ITEM}, "postgres://h/db"),
        (declared({"types": {"sql": OTHER}}), {"type": "sql", "item_id": BARE}, "postgres://h/other"),
        (declared({"kubernetes": {"connection": "connection://k8s"}}), {"type": "kubernetes"}, ""),
    ],
)
async def test_lookup_finds(setting: Setting, spec: PluginSpec, query: dict[str, str], url: str) -> None:
    assert (await setting.ask(spec, query)).url in (url, "postgres://h/k8s")


@pytest.mark.parametrize(
    ("spec", "contract", "query", "kind", "text"),
    [
        (declared({}), "documented", {}, InvalidParams, "connection lookup is required"),
        (declared({}), "documented", {"type": "sql"}, InvalidParams, "plugin did not declare a sql connection$"),
        (declared({}), "released", {"type": "sql"}, InvalidParams, "plugin did not declare a sql connection mapping$"),
        (declared({}), "documented", {"label": "x"}, InvalidParams, 'plugin did not declare connection label "x"'),
        (
            declared({}),
            "documented",
            {"type": "sql", "item_id": ITEM},
            InvalidParams,
            "did not declare a sql connection",
        ),
        (declared({"aws": {}}), "documented", {"type": "aws"}, InvalidParams, 'unsupported connection type "aws"'),
        (declared({}), "documented", {"item_id": BARE}, NotFound, f"config item {BARE} has no connection"),
        (declared({"sql": {}}), "documented", {"type": "sql", "item_id": BARE}, NotFound, "has no sql connection"),
        (declared({}), "documented", {"item_id": FOREIGN}, Forbidden, "is not enabled for config"),
        (
            declared({"types": {"sql": "connection://gone"}}),
            "documented",
            {"type": "sql"},
            NotFound,
            "connection://gone",
        ),
        (
            declared({"types": {"sql": "postgres://x"}}),
            "documented",
            {"type": "sql"},
            InvalidParams,
            "not a connection",
        ),
    ],
)
async def test_lookup_is_refused_with_the_fixed_text(
    setting: Setting, spec: PluginSpec, contract: str, query: dict[str, str], kind: type[OperationError], text: str
) -> None:
    with pytest.raises(kind, match=text):
        await setting.ask(spec, query, contract)


async def test_permission_is_asked_before_every_hit_of_the_cache(setting: Setting) -> None:
    await setting.ask(declared(TYPES), type="sql")
    setting.permissions.is_denied = True
    with pytest.raises(Forbidden, match="plugin prod/p may not read connection prod/db"):
        await setting.ask(declared(TYPES), type="sql")
    with pytest.raises(OperationError) as caught:
        await setting.ask(declared(TYPES), connection_id=DB)
    assert caught.value.code == "unauthorized"


async def test_cached_connection_is_copied_and_a_changed_resource_is_read_again(setting: Setting) -> None:
    first = await setting.ask(declared(TYPES), type="sql")
    first.properties["type"] = "spoiled"
    assert (await setting.ask(declared(TYPES), type="sql")).properties["type"] == "postgres"
    setting.resolver.replace_all([connection(DB, "db", url="postgres://moved/db")])
    assert (await setting.ask(declared(TYPES), type="sql")).url == "postgres://moved/db"


async def test_both_shapes_are_answered_at_once(setting: Setting) -> None:
    found = await setting.ask(declared({"kubernetes": {"connection": "connection://k8s"}}), type="kubernetes")
    properties = {"type": "kubernetes", "name": "k8s", "namespace": "prod", "kubeconfig": "kubeconfig text"}
    assert properties.items() <= found.properties.items() and found.expires_at is not None


async def test_values_are_filled_into_the_url_with_escapes(setting: Setting, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("p@:/#? %+\n")
    template = connection(
        DB,
        "db",
        url="postgres://$(username):$(password)@$(properties.host)/$(properties.database)",
        username=ValueSource(value_from=ValueFrom(env="SECRET")),
        password=ValueSource(value_from=ValueFrom(file=str(secret))),
        properties={"host": "h:5432", "database": "app"},
        insecure_tls=True,
    )
    setting.resolver.replace_all([template])
    found = await setting.ask(declared(TYPES), type="sql")
    assert found.url == "postgres://s3:p%40%3A%2F%23%3F%20%25%2B@h:5432/app?sslmode=disable"
    assert (found.username, found.password) == ("s3", "p@:/#? %+")


async def test_missing_secret_names_variable_and_connection_but_no_value(setting: Setting) -> None:
    setting.resolver.replace_all([connection(DB, "db", password=ValueSource(value_from=ValueFrom(env="ABSENT")))])
    with pytest.raises(OperationError, match="connection prod/db: password: variable ABSENT is not set"):
        await setting.ask(declared(TYPES), type="sql")


def test_cache_forgets_after_its_time_and_keeps_256() -> None:
    now = [0.0]
    cache = ConnectionCache(300.0, lambda: now[0])
    cache.put("a", Connection(type="x"))
    now[0] = 299.0
    assert cache.find("a") is not None
    now[0] = 300.0
    assert cache.find("a") is None
    for number in range(257):
        cache.put(str(number), Connection(type="x"))
    assert cache.find("0") is None and cache.find("1") is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("connection://a/b", Reference(namespace="a", name="b")),
        ("connection://b", Reference(namespace="here", name="b")),
        (DB, Reference(id=DB)),
    ],
)
def test_reference_forms(text: str, expected: Reference) -> None:
    assert parse_reference(text, "here") == expected


@pytest.mark.parametrize(
    "text", ["", "a/b", "connection://", "connection://a/b/c", "connection:///b", "connection://a//b"]
)
def test_other_texts_are_no_references(text: str) -> None:
    with pytest.raises(InvalidParams):
        parse_reference(text, "here")
