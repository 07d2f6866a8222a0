"""Resources in YAML files: what is read, what is refused, and which of two wins."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mc_host.catalog.items import from_resource, read_detail, to_wire
from mc_host.catalog.sources.directory import read_folders
from mc_host.resources import ConnectionResource, ItemResource, PluginResource, ValueSource, parse_resource
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON
from tests.fixtures.fix_host import HostFolder

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
V1 = "mission-control.flanksource.com/v1"


def resource(kind: str, spec: dict[str, JSON], **metadata: str) -> dict[str, JSON]:
    """Return a document."""
    return {"apiVersion": V1, "kind": kind, "metadata": metadata, "spec": spec}


def test_plugin_with_either_shape_of_connections() -> None:
    shapes: tuple[dict[str, JSON], ...] = (
        {"kubernetes": {}},
        {"types": {"sql": "connection://a/b"}, "labels": {"l": "connection://c"}},
    )
    for connections in shapes:
        document = resource("Plugin", {"source": "x", "connections": connections}, name="p", namespace="n")
        found = parse_resource(document, Path("f"))
        assert isinstance(found, PluginResource) and found.spec.connections == connections


def test_plugin_id_is_stable_and_a_uid_wins() -> None:
    document = resource("Plugin", {"source": "x"}, name="p", namespace="n")
    first, second = parse_resource(document, Path("a")), parse_resource(document, Path("b"))
    assert first and second and first.id == second.id
    uid = "1B671A64-40D5-491E-99B0-DA01FF1F3341"
    named = parse_resource(resource("Plugin", {"source": "x"}, name="p", uid=uid), Path("a"))
    assert named and named.id == uid.lower()


def test_connection_values_may_come_from_elsewhere() -> None:
    spec = {"type": "postgres", "url": "x", "password": {"valueFrom": {"file": "/run/secret"}}, "insecureTLS": True}
    found = parse_resource(resource("Connection", spec, name="c"), Path("f"))
    assert isinstance(found, ConnectionResource) and found.spec.insecure_tls
    assert isinstance(found.spec.password, ValueSource) and found.spec.password.value_from
    assert found.spec.password.value_from.file == "/run/secret"


def test_item_has_the_fields_of_the_wire_and_scalars_become_text() -> None:
    spec = {
        "type": "PostgreSQL::Database",
        "labels": {"n": 1, "flag": True},
        "tags": {"namespace": "shop"},
        "config": {"a": [1, {"b": None}]},
        "properties": {"p": 1.5},
        "health": "healthy",
        "connection": "connection://n/c",
    }
    found = parse_resource(resource("ConfigItem", spec, name="db"), Path("f"))
    assert isinstance(found, ItemResource)
    item = from_resource(found, "directory")
    assert (item.labels, item.namespace, item.connection) == ({"n": "1", "flag": "true"}, "shop", "connection://n/c")
    assert read_detail(item).config == spec["config"]
    assert to_wire(item).properties == {"p": 1.5}


def test_d18_item_id_follows_from_file_and_name() -> None:
    document = resource("Item", {"type": "T"}, name="db")
    ids = {one.id for path in ("a", "a", "b") if (one := parse_resource(document, Path(path)))}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ([], "not a resource"),
        ("text", "not a resource"),
        ({"a": 1}, "not a resource"),
        (resource("Plugin", {}, name="p"), "spec.source is required"),
        (resource("Plugin", {"source": "x"}), "metadata.name is required"),
        (resource("Plugin", {"source": 5}, name="p"), "Expected `str`, got `int` - at `$.source`"),
        (resource("Plugin", {"source": "x"}, name="p", uid="7"), "'7' is not a UUID"),
        (resource("Connection", {"url": "x"}, name="c"), "missing required field `type`"),
        (resource("ConfigItem", {"type": ""}, name="c"), "length >= 1"),
    ],
)
def test_bad_resource_names_its_field(document: JSON, text: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        parse_resource(document, Path("f"))
    assert text in caught.value.message


def test_foreign_documents_are_passed_over() -> None:
    assert parse_resource({"apiVersion": "apps/v1", "kind": "Deployment"}, Path("f")) is None
    assert parse_resource(resource("Playbook", {}, name="p"), Path("f")) is None


def test_bad_file_is_a_problem_and_the_others_count(folder: HostFolder) -> None:
    folder.write("good.yaml", folder.item("a"), resource("Plugin", {}, name="p"))
    (folder.config_dir / "bad.yml").write_text("a: [")
    (folder.config_dir / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (folder.config_dir / "ignored.txt").write_text("a: [")
    found = read_folders([folder.config_dir])
    assert [item.name for item in found.items] == ["a"] and len(found.problems) == 3
    assert any("good.yaml, document 2: spec.source is required" in problem for problem in found.problems)


def test_newer_resource_of_a_name_wins_and_both_files_are_named(folder: HostFolder) -> None:
    old = folder.write("z.yaml", resource("Plugin", {"source": "old"}, name="p"))
    new = folder.write("a.yaml", resource("Plugin", {"source": "new"}, name="p"))
    os.utime(old, (1, 1))
    found = read_folders([folder.config_dir, folder.config_dir])
    assert [plugin.spec.source for plugin in found.plugins] == ["new"]
    assert found.problems == [f"Plugin /p of {new.resolve()} replaces that of {old.resolve()}"]


def test_yaml_tags_that_build_objects_are_refused(folder: HostFolder) -> None:
    (folder.config_dir / "evil.yaml").write_text("!!python/object/apply:os.system ['true']")
    assert len(read_folders([folder.config_dir]).problems) == 1


@pytest.mark.parametrize("path", sorted(PLUGINS.glob("*/Plugin.yaml")), ids=lambda path: path.parent.name)
def test_resource_that_a_plugin_ships_is_read_without_a_problem(path: Path, tmp_path: Path) -> None:
    shutil.copy2(path, tmp_path)
    found = read_folders([tmp_path])
    assert found.problems == [] and found.is_policy_known
    [plugin] = found.plugins
    assert plugin.spec.version == ""  # pinned, it would outlive every upgrade
