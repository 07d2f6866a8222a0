"""Puts a plugin where the host finds it, remembers where it came from, and takes it away again."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import yaml

from mc_host.install.layout import LATEST
from mc_host.resources import API_GROUP
from mc_wire.errors import InvalidParams, NotFound
from mc_wire.model import JSON, Manifest

RECORD = "install.json"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


class Record(msgspec.Struct, kw_only=True, rename="camel"):
    """What is kept of an installation, beside the binary."""

    name: str
    version: str
    checksum: str
    """SHA-256 of the binary, hex."""
    source: str
    installed_at: datetime

    def binary(self, root: Path) -> Path:
        """Return where the executable is below the plugin root."""
        return root / self.name / self.version / self.name


def place(root: Path, binary: Path, manifest: Manifest, source: str, checksum: str) -> Record:
    """Move `binary` to `<root>/<name>/<version>/<name>` and point `latest` at it; return what was recorded.

    A running host sees `latest` change and starts the new binary. Raises: InvalidParams for a name no host takes.
    """
    if not _NAME.fullmatch(manifest.name):
        raise InvalidParams(f"{manifest.name!r} cannot be a plugin's name")
    version = version_folder(manifest.version)
    record = Record(
        name=manifest.name,
        version=version,
        checksum=checksum,
        source=source,
        installed_at=datetime.now(UTC),
    )
    folder = root / manifest.name / version
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=2))
    os.replace(binary, folder / manifest.name)
    _point(root / manifest.name / LATEST, version)
    return record


def version_folder(version: str) -> str:
    """Return a version's folder: the part before the build date, with nothing that a path could misread."""
    word = version.split(" ")[0].strip(".") if version else ""
    name = _UNSAFE.sub("-", word)
    if not name or name == LATEST:
        raise InvalidParams(f"{version!r} cannot be a plugin's version")
    return name


def _point(link: Path, version: str) -> None:
    """Make `latest` a link to a version's folder, in one step; an older layout's real folder is kept aside."""
    if link.is_dir() and not link.is_symlink():
        link.rename(link.with_name(f"{LATEST}.bak.{int(datetime.now(UTC).timestamp())}"))
    draft = link.with_name(f".{LATEST}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(version)
    draft.replace(link)


def find_record(root: Path, name: str) -> Record | None:
    """Return what is recorded of the installed version of `name`, None for one that was put there by hand."""
    if not _NAME.fullmatch(name):
        raise InvalidParams(f"{name!r} cannot be a plugin's name")
    try:
        return msgspec.json.decode((root / name / LATEST / RECORD).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None


def list_records(root: Path) -> list[Record]:
    """Return what is installed, by name."""
    names = sorted(path.name for path in root.iterdir() if _NAME.fullmatch(path.name)) if root.is_dir() else []
    return [record for name in names if (record := find_record(root, name)) is not None]


def write_resource(folder: Path, manifest: Manifest, shipped: str) -> Path:
    """Write the Plugin resource that makes a host run the plugin: the one it was shipped with, or one for all items."""
    # The package name of an installer's registry means nothing here, and a pinned version would outlive an upgrade.
    spec = _shipped_spec(shipped) | {"source": manifest.name}
    spec.pop("version", None)
    resource = {
        "apiVersion": f"{API_GROUP}/v1",
        "kind": "Plugin",
        "metadata": {"name": manifest.name},
        "spec": spec,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{manifest.name}.yaml"
    _write(path, yaml.safe_dump(resource, sort_keys=False).encode())
    return path


def _shipped_spec(text: str) -> dict[str, JSON]:
    """Return the spec of the Plugin among a file's documents; permissions in it are the operator's to give."""
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as exc:
        raise InvalidParams(f"the Plugin.yaml that came with it is not YAML: {exc}") from exc
    plugins = (one for one in documents if isinstance(one, dict) and one.get("kind") == "Plugin")
    spec = next(plugins, {}).get("spec")
    return spec if isinstance(spec, dict) else {}


def remove(root: Path, resources: Path, name: str) -> None:
    """Take an installed plugin away: its resource first, so that a running host stops it. Raises: NotFound."""
    if find_record(root, name) is None:
        raise NotFound(f"plugin {name!r} was not installed by this command")
    (resources / f"{name}.yaml").unlink(missing_ok=True)
    shutil.rmtree(root / name)


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(data)
    draft.replace(path)
