"""Plugins by id and by every spelling of their name."""

from __future__ import annotations

import ssl

import pytest

from mc_host.acting import Acting, CallsInFlight
from mc_host.registry import Entry, PluginId, PluginKind, Registry
from mc_host.resources import PluginSpec
from mc_wire.errors import Conflict, InvalidParams, NotFound
from mc_wire.model import Contract, Invocation, Manifest, Outcome

ONE, TWO, THREE = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))


class Silent:
    """A runtime that nobody calls."""

    contract = Contract.DOCUMENTED
    http_base = ""
    http_secret = ""
    tls: ssl.SSLContext | None = None
    calls = CallsInFlight()

    async def invoke(self, invocation: Invocation, *, timeout_s: float, token: str, acting: Acting) -> Outcome:
        """Answer nothing."""
        return Outcome()


@pytest.fixture
def registry() -> Registry:
    """Return a registry with a name in two namespaces, and one plugin without a namespace."""
    registry = Registry()
    registry.upsert(ONE, "postgres", "prod", PluginSpec(source="postgres"))
    registry.upsert(TWO, "postgres", "dev", PluginSpec(source="postgres"))
    registry.upsert(THREE, " logs ", "", PluginSpec(address="h:1"))
    return registry


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (ONE, ONE),
        (TWO.upper(), TWO),
        ("dev/postgres", TWO),
        ("/logs", THREE),
        (" logs ", THREE),
        ("", None),
        ("nobody", None),
        ("prod/logs", None),
        ("99999999-0000-4000-8000-000000000000", None),
    ],
)
def test_reference_resolves(registry: Registry, reference: str, expected: str | None) -> None:
    found = registry.find(reference)
    assert (found.id if found else None) == expected


def test_ambiguous_bare_name_lists_its_matches(registry: Registry) -> None:
    text = (
        'ambiguous plugin reference "postgres"; use plugin id or namespace/name, matches: dev/postgres, prod/postgres'
    )
    with pytest.raises(Conflict, match=text):
        registry.find("postgres")


def test_unknown_reference_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound, match='plugin "nobody" not found'):
        registry.get("nobody")


def test_name_of_another_id_is_refused(registry: Registry) -> None:
    with pytest.raises(Conflict, match=f"plugin dev/postgres is already registered with id {TWO}"):
        registry.upsert(THREE, "postgres", "dev", PluginSpec(source="x"))


def test_id_is_required(registry: Registry) -> None:
    with pytest.raises(InvalidParams, match="plugin id is required"):
        registry.upsert(" ", "x", "", PluginSpec(source="x"))


def test_bad_selector_is_refused_and_leaves_the_old_entry(registry: Registry) -> None:
    with pytest.raises(InvalidParams, match="selector key 'typo'"):
        registry.upsert(ONE, "renamed", "prod", PluginSpec(source="x", selector={"typo": "x"}))
    assert registry.get(ONE).name == "postgres"


def test_manifest_and_runtime_survive_a_new_spec(registry: Registry) -> None:
    registry.set_running(PluginId(ONE), Manifest(name="postgres", version="1"), Silent(), None)
    before: Entry = registry.get(ONE)
    after = registry.upsert(ONE, "postgres", "prod", PluginSpec(source="postgres", properties={"a": "b"}))
    assert after.manifest is before.manifest and after.runtime is before.runtime
    registry.set_stopped(PluginId(ONE))
    assert registry.get(ONE).manifest is None and before.manifest is not None  # what was read stays as it was


def test_listing_is_by_namespace_and_name_and_kind_follows_the_address(registry: Registry) -> None:
    assert [entry.full_name for entry in registry.list_all()] == ["/logs", "dev/postgres", "prod/postgres"]
    assert [entry.kind for entry in registry.list_all()] == [PluginKind.REMOTE, PluginKind.LOCAL, PluginKind.LOCAL]
