"""Resources from folders of YAML files, read again whenever a file changes."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml

from mc_host.access.rules import PolicyText, parse_csv, parse_permission
from mc_host.resources import (
    ConnectionResource,
    IssuerResource,
    ItemResource,
    PermissionResource,
    PluginResource,
    Resource,
    parse_resource,
)
from mc_wire.errors import InvalidParams

SOURCE = "directory"
R = TypeVar("R", PluginResource, ConnectionResource, ItemResource, PermissionResource, IssuerResource)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SUFFIXES = (".yaml", ".yml")
_POLICY_SUFFIX = "policy.csv"
_WATCHED = (*_SUFFIXES, _POLICY_SUFFIX)
_PERMISSION = re.compile(r"""kind["']?\s*:\s*["']?Permission""")
_QUIET_MS = 200  # editors write a file in several steps
_WATCH_UP_MS = 2000  # the first spell without a change ends then, and with it the doubt whether the watch was up


@dataclass
class Resources:
    """Everything the folders say, and what could not be read."""

    plugins: list[PluginResource] = field(default_factory=list)
    connections: list[ConnectionResource] = field(default_factory=list)
    items: list[ItemResource] = field(default_factory=list)
    permissions: list[PermissionResource] = field(default_factory=list)
    issuers: list[IssuerResource] = field(default_factory=list)
    policy_texts: list[PolicyText] = field(default_factory=list)
    """What the permissions and the policy files say."""
    problems: list[str] = field(default_factory=list)
    is_policy_known: bool = True
    """False when something that may be part of the policy could not be read: a denial may be missing."""

    def add(self, resource: Resource) -> None:
        """Put a resource into its list; a newer file's resource of the same name replaces the older one."""
        match resource:
            case PluginResource():
                self._replace(self.plugins, resource)
            case ConnectionResource():
                self._replace(self.connections, resource)
            case ItemResource():
                self._replace(self.items, resource)
            case PermissionResource():
                self._replace(self.permissions, resource)
            case IssuerResource():
                self._replace(self.issuers, resource)

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
    """Return what every YAML and policy file below `folders` says; a bad file is a problem, not a failure."""
    resources = Resources()
    for path in _list_files(folders):
        try:
            text = path.read_text()
        except (OSError, UnicodeDecodeError) as exc:
            resources.problems.append(f"{path}: {exc}")
            resources.is_policy_known = False
            continue
        if path.name.endswith(_POLICY_SUFFIX):
            _read_policy(resources, path, text)
        else:
            _read_documents(resources, path, text)
    for permission in resources.permissions:
        try:
            resources.policy_texts.append(parse_permission(permission))
        except InvalidParams as exc:
            resources.problems.append(f"{permission.origin}: permission {permission.name}: {exc.message}")
            resources.is_policy_known = False
    return resources


def _read_policy(resources: Resources, path: Path, text: str) -> None:
    try:
        resources.policy_texts.append(parse_csv(text))
    except (InvalidParams, csv.Error) as exc:
        resources.problems.append(f"{path}: {exc}")
        resources.is_policy_known = False


def _read_documents(resources: Resources, path: Path, text: str) -> None:
    try:
        documents = list(yaml.load_all(text, Loader=_LOADER))
    except yaml.YAMLError as exc:
        resources.problems.append(f"{path}: {exc}")
        resources.is_policy_known &= not _PERMISSION.search(text)
        return
    for number, document in enumerate(documents, start=1):
        if document is None:
            continue
        try:
            resource = parse_resource(document, path)
        except InvalidParams as exc:
            resources.problems.append(f"{path}, document {number}: {exc.message}")
            is_permission = isinstance(document, dict) and document.get("kind") == "Permission"
            resources.is_policy_known &= not is_permission
            continue
        if resource is not None:
            resources.add(resource)


def _list_files(folders: Iterable[Path]) -> list[Path]:
    """Oldest first, so that the newest resource of a name is the one that stays."""
    found = {path.resolve() for folder in folders for path in folder.rglob("*") if path.name.endswith(_WATCHED)}
    dated = []
    for path in found:
        try:
            dated.append((path.stat().st_mtime_ns, path))
        except OSError:
            continue  # gone between listing and reading
    return [path for _, path in sorted(dated)]


async def watch_folders(folders: Iterable[Path]) -> AsyncIterator[None]:
    """Yield after each burst of changes to the files, and once when the watch has had time to come up."""
    from watchfiles import awatch

    def is_resource(_change: object, path: str) -> bool:
        return path.endswith(_WATCHED)

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
