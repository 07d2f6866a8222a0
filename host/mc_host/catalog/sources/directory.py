"""Resources from folders of YAML files, read again whenever a file changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml

from mc_host.resources import ConnectionResource, ItemResource, PluginResource, Resource, parse_resource
from mc_wire.errors import InvalidParams

SOURCE = "directory"
R = TypeVar("R", PluginResource, ConnectionResource, ItemResource)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SUFFIXES = (".yaml", ".yml")
_QUIET_MS = 200  # editors write a file in several steps
_WATCH_UP_MS = 2000  # the first spell without a change ends then, and with it the doubt whether the watch was up


@dataclass
class Resources:
    """Everything the folders say, and what could not be read."""

    plugins: list[PluginResource] = field(default_factory=list)
    connections: list[ConnectionResource] = field(default_factory=list)
    items: list[ItemResource] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, resource: Resource) -> None:
        """Put a resource into its list; a newer file's resource of the same name replaces the older one."""
        match resource:
            case PluginResource():
                self._replace(self.plugins, resource)
            case ConnectionResource():
                self._replace(self.connections, resource)
            case ItemResource():
                self._replace(self.items, resource)

    def _replace(self, known: list[R], resource: R) -> None:
        for at, other in enumerate(known):
            if other.id == resource.id or (
                resource.kind != "ConfigItem" and (other.namespace, other.name) == (resource.namespace, resource.name)
            ):
                name = f"{resource.namespace}/{resource.name}"
                self.problems.append(f"{resource.kind} {name} of {resource.origin} replaces that of {other.origin}")
                known[at] = resource
                return
        known.append(resource)


def read_folders(folders: Iterable[Path]) -> Resources:
    """Return the resources of every YAML file below `folders`; a bad file is a problem, not a failure."""
    resources = Resources()
    for path in _list_files(folders):
        try:
            documents = list(yaml.load_all(path.read_text(), Loader=_LOADER))
        except (yaml.YAMLError, OSError, UnicodeDecodeError) as exc:
            resources.problems.append(f"{path}: {exc}")
            continue
        for number, document in enumerate(documents, start=1):
            if document is None:
                continue
            try:
                resource = parse_resource(document, path)
            except InvalidParams as exc:
                resources.problems.append(f"{path}, document {number}: {exc.message}")
                continue
            if resource is not None:
                resources.add(resource)
    return resources


def _list_files(folders: Iterable[Path]) -> list[Path]:
    """Oldest first, so that the newest resource of a name is the one that stays."""
    found = {path.resolve() for folder in folders for path in folder.rglob("*") if path.suffix in _SUFFIXES}
    dated = []
    for path in found:
        try:
            dated.append((path.stat().st_mtime_ns, path))
        except OSError:
            continue  # gone between listing and reading
    return [path for _, path in sorted(dated)]


async def watch_folders(folders: Iterable[Path]) -> AsyncIterator[None]:
    """Yield after each burst of changes to YAML files, and once when the watch has had time to come up."""
    from watchfiles import awatch

    def is_resource(_change: object, path: str) -> bool:
        return path.endswith(_SUFFIXES)

    existing = await asyncio.to_thread(lambda: [folder for folder in folders if folder.is_dir()])
    if not existing:
        return
    is_up = False
    watch = awatch(
        *existing,
        watch_filter=is_resource,
        debounce=1600,
        step=_QUIET_MS,
        rust_timeout=_WATCH_UP_MS,
        yield_on_timeout=True,
    )
    async for changes in watch:
        if changes or not is_up:
            is_up = True
            yield
