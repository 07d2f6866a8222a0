"""Manifests on disk, so that the command line can show a plugin's operations without starting it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from mc_wire.errors import InvalidParams
from mc_wire.model import JSON, Manifest, Operation

LOCAL, REMOTE = "local-binary", "remote-server"


class Freshness(StrEnum):
    """What became of a cached manifest."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    CORRUPT = "corrupt"


class Parameter(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One parameter of an operation, for help texts."""

    name: str
    type: str = "string"
    description: str = ""
    required: bool = False
    default: JSON = None


class CachedOperation(msgspec.Struct, kw_only=True):
    """An operation as the command line needs it."""

    name: str
    description: str = ""
    parameters: list[Parameter] | None = None
    schema: dict[str, JSON] = msgspec.field(default_factory=dict)
    """The JSON Schema of the params, always with `type`, `properties` and `required`."""
    tags: list[str] = msgspec.field(default_factory=list)
    """The scope: `config` or `global`."""
    destructive: bool = False

    @property
    def needs_item(self) -> bool:
        """Does it run on a catalog item?"""
        return "config" in self.tags

    @property
    def reads_stdin(self) -> bool:
        """Can it answer for standard input, without an item or a host?"""
        return self.schema.get("x-stdin") is True

    @property
    def exit_field(self) -> str:
        """The field of the answer that says how the command ends: 0, or how bad it is; '' for none."""
        field = self.schema.get("x-exit")
        return field if isinstance(field, str) else ""

    @property
    def is_stream(self) -> bool:
        """Does it answer line by line?"""
        return self.schema.get("x-stream") is True


class CachedService(msgspec.Struct, kw_only=True):
    """A plugin as the command line needs it."""

    name: str
    version: str = ""
    description: str = ""
    operations: list[CachedOperation] = msgspec.field(default_factory=list)


class CachedManifest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One cache file."""

    source: str
    service: CachedService
    cached_at: datetime
    binary_path: str = ""
    binary_checksum: str = ""
    binary_stamp: str = ""
    """Inode, size and time of the binary: while they are the same, it need not be hashed."""
    server_url: str = ""


class ManifestCache:
    """One JSON file per plugin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, name: str) -> Path:
        if not name or "/" in name or name.startswith("."):
            raise InvalidParams(f"service name {name!r} cannot be a file name")
        return self._folder / f"{name}.json"

    def read(self, name: str) -> tuple[CachedManifest | None, Freshness]:
        """Return what is cached and whether it still is true; a stale entry is returned as well."""
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError:
            return None, Freshness.MISSING
        try:
            entry = msgspec.json.decode(data, type=CachedManifest)
        except msgspec.MsgspecError:
            return None, Freshness.CORRUPT
        return entry, Freshness.FRESH if _is_current(entry) else Freshness.STALE

    def write_local(self, name: str, manifest: Manifest, binary: Path) -> None:
        """Keep a manifest that a local binary answered."""
        from mc_host.install.layout import file_checksum

        entry = CachedManifest(
            source=LOCAL,
            service=to_service(name, manifest),
            cached_at=datetime.now(UTC),
            binary_path=str(binary),
            binary_checksum=file_checksum(binary),
            binary_stamp=_stamp(binary),
        )
        self._write(name, entry)

    def write_remote(self, name: str, manifest: Manifest, address: str) -> None:
        """Keep a manifest that a plugin elsewhere answered."""
        service = to_service(name, manifest)
        self._write(
            name, CachedManifest(source=REMOTE, service=service, cached_at=datetime.now(UTC), server_url=address)
        )

    def _write(self, name: str, entry: CachedManifest) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + f".{os.getpid()}.tmp")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(entry, enc_hook=str), indent=2))
        draft.replace(path)

    def delete(self, name: str) -> None:
        """Forget a plugin; forgetting twice is fine."""
        self._path(name).unlink(missing_ok=True)

    def list_names(self) -> list[str]:
        """Return the names of all cached plugins, without reading them."""
        if not self._folder.is_dir():
            return []
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def list_all(self) -> list[CachedManifest]:
        """Return every readable entry by name."""
        entries = (self.read(name)[0] for name in self.list_names())
        return [entry for entry in entries if entry is not None]


def to_service(name: str, manifest: Manifest) -> CachedService:
    """Return a manifest in the cache's form."""
    return CachedService(
        name=name,
        version=manifest.version,
        description=manifest.description,
        operations=[_to_operation(operation) for operation in manifest.operations],
    )


def _to_operation(operation: Operation) -> CachedOperation:
    schema = {"type": "object", "properties": {}, "required": [], **(operation.params_schema or {})}
    return CachedOperation(
        name=operation.name,
        description=operation.description,
        parameters=list(_parameters(schema)) or None,
        schema=schema,
        tags=[operation.scope] if operation.scope else [],
        destructive=operation.is_destructive,
    )


def _parameters(schema: dict[str, JSON]) -> Iterable[Parameter]:
    required = schema["required"]
    for name, prop in sorted(schema["properties"].items()):
        yield Parameter(
            name=name,
            type=schema_type(prop),
            description=prop.get("description", ""),
            required=name in required,
            default=prop.get("default"),
        )


def schema_type(prop: dict[str, JSON]) -> str:
    """Return the JSON type of a property, null aside; `string` when the schema does not say."""
    kinds = prop.get("type") or [one.get("type") for one in prop.get("anyOf", ())] or "string"
    if isinstance(kinds, str):
        return kinds
    named = [kind for kind in kinds if kind and kind != "null"]
    return named[0] if named else "string"


def _stamp(path: Path) -> str:
    info = path.stat()
    return f"{info.st_ino}-{info.st_size}-{info.st_mtime_ns}"


def _is_current(entry: CachedManifest) -> bool:
    if entry.source != LOCAL:
        return True
    path = Path(entry.binary_path)
    try:
        if _stamp(path) == entry.binary_stamp:
            return True
    except OSError:
        return False
    from mc_host.install.layout import file_checksum

    return file_checksum(path) == entry.binary_checksum
