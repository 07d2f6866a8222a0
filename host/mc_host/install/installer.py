"""From a path or an address to an installed plugin: fetched, checked, started once for its manifest, put in place."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from mc_host.config import INSTALLED, HostConfig
from mc_host.install import place
from mc_host.install.fetch import Fetched, Progress, fetch
from mc_host.install.inspection import inspect_binary
from mc_host.install.place import Record, find_record
from mc_host.manifests import ManifestCache
from mc_host.resources import PluginSpec
from mc_wire.errors import InvalidParams, NotFound
from mc_wire.model import Manifest


@dataclass(frozen=True)
class Installed:
    """What is installed now, what was before, and the resource that makes a host run it."""

    record: Record
    resource: Path
    before: Record | None = None

    @property
    def spec(self) -> PluginSpec:
        """What the resource says: which items the plugin serves, which connections it may ask for."""
        document = yaml.safe_load(self.resource.read_text())
        try:
            return msgspec.convert(document.get("spec") or {}, PluginSpec)
        except msgspec.ValidationError as exc:
            raise InvalidParams(f"{self.resource}: {exc}") from exc

    @property
    def is_changed(self) -> bool:
        """Is it another binary than before?"""
        return self.before is None or self.before.checksum != self.record.checksum


async def install(
    config: HostConfig, source: str, progress: Progress, *, checksum: str = "", expected_name: str = ""
) -> Installed:
    """Install the plugin that `source` names; nothing is put in place unless all of it is well.

    Raises: NotFound, InvalidParams (another checksum, another plugin, one that does not start), TargetUnreachable.
    """
    config.plugin_root.mkdir(parents=True, exist_ok=True)
    # In the same filesystem, so that putting it in place is one rename.
    with tempfile.TemporaryDirectory(prefix=".install-", dir=config.plugin_root) as scratch:
        fetched = await asyncio.to_thread(fetch, source, Path(scratch), progress)
        wanted = checksum.strip().lower().removeprefix("sha256:")
        if wanted and wanted != fetched.checksum:
            raise InvalidParams(f"checksum is {fetched.checksum}, not the given {wanted}: not installed")
        manifest = (await inspect_binary(config, fetched.binary)).manifest
        if expected_name and manifest.name != expected_name:
            raise InvalidParams(f"{source} is plugin {manifest.name!r}, not {expected_name!r}")
        return await asyncio.to_thread(_place, config, fetched, manifest, source)


def _place(config: HostConfig, fetched: Fetched, manifest: Manifest, source: str) -> Installed:
    before = find_record(config.plugin_root, manifest.name)
    origin = source if "://" in source else str(Path(source).absolute())
    record = place.place(config.plugin_root, fetched.binary, manifest, origin, fetched.checksum)
    folder = config.state_dir / INSTALLED
    resource = folder / f"{record.name}.yaml"
    if not resource.exists():
        place.write_resource(folder, manifest, fetched.resource)
    # Its commands are there at once, also before a host has run it.
    ManifestCache(config.cache_dir).write_local(record.name, manifest, record.binary(config.plugin_root))
    return Installed(record, resource, before)


async def upgrade(config: HostConfig, name: str, progress: Progress, *, source: str = "") -> Installed:
    """Install the newest of `name` from where it came from, or from `source`. Raises: NotFound, and as `install`."""
    known = find_record(config.plugin_root, name)
    if known is None:
        raise NotFound(f"plugin {name!r} was not installed by this command")
    return await install(config, source or known.source, progress, expected_name=name)
