"""The manifest cache: missing, stale, corrupt, and what a manifest becomes in it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from mc_host.manifests import Freshness, ManifestCache
from mc_wire.errors import InvalidParams
from mc_wire.model import Manifest, Operation

SCHEMA = {
    "type": "object",
    "properties": {
        "b": {"type": ["integer", "null"], "default": 5},
        "a": {"anyOf": [{"type": "null"}, {"type": "array"}]},
    },
    "required": ["a"],
    "x-stream": True,
}
MANIFEST = Manifest(
    name="p",
    version="1",
    operations=(
        Operation(name="list", params_schema=SCHEMA, scope="config", is_destructive=True),
        Operation(name="bare", scope="global"),
    ),
)


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """Return a binary to hash."""
    path = tmp_path / "bin"
    path.write_text("one")
    return path


def test_round_trip_sorts_parameters_and_completes_schemas(tmp_path: Path, binary: Path) -> None:
    cache = ManifestCache(tmp_path / "cache")
    cache.write_local("p", MANIFEST, binary)
    entry, freshness = cache.read("p")
    assert entry is not None and freshness is Freshness.FRESH
    listed, bare = entry.service.operations
    assert [(one.name, one.type, one.required, one.default) for one in listed.parameters or ()] == [
        ("a", "array", True, None),
        ("b", "integer", False, 5),
    ]
    assert listed.needs_item and listed.is_stream and listed.destructive and listed.tags == ["config"]
    assert bare.parameters is None and bare.schema == {"type": "object", "properties": {}, "required": []}
    raw = (tmp_path / "cache/p.json").read_text()
    assert raw.startswith('{\n  "source": "local-binary"') and "binary_checksum" in raw
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["p.json"]


def test_changed_and_removed_binaries_are_stale_and_a_touched_one_is_not(tmp_path: Path, binary: Path) -> None:
    cache = ManifestCache(tmp_path / "cache")
    cache.write_local("p", MANIFEST, binary)
    os.utime(binary, (1, 1))
    assert cache.read("p")[1] is Freshness.FRESH
    binary.write_text("two")
    entry, freshness = cache.read("p")
    assert entry is not None and freshness is Freshness.STALE
    binary.unlink()
    assert cache.read("p")[1] is Freshness.STALE


def test_missing_corrupt_and_deleted(tmp_path: Path, binary: Path) -> None:
    cache = ManifestCache(tmp_path / "cache")
    assert cache.read("p") == (None, Freshness.MISSING) and cache.list_names() == []
    cache.write_local("p", MANIFEST, binary)
    (tmp_path / "cache/bad.json").write_text("{")
    (tmp_path / "cache/notes.txt").write_text("x")
    assert cache.read("bad") == (None, Freshness.CORRUPT)
    assert [entry.service.name for entry in cache.list_all()] == ["p"]
    cache.delete("p")
    cache.delete("p")
    assert cache.read("p")[1] is Freshness.MISSING


@pytest.mark.parametrize("name", ["", "a/b", "../x", ".hidden"])
def test_names_that_are_no_file_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidParams):
        ManifestCache(tmp_path).read(name)


def test_cached_json_is_what_the_reference_wrote(tmp_path: Path, binary: Path) -> None:
    cache = ManifestCache(tmp_path)
    cache.write_local("p", MANIFEST, binary)
    entry = msgspec.json.decode((tmp_path / "p.json").read_bytes())
    assert {"source", "binary_path", "binary_checksum", "cached_at", "service"} <= set(entry)
    assert {"name", "version", "description", "operations"} <= set(entry["service"])
