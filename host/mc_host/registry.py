"""Plugins by id: what the operator declared, and what runs of it. Reads hand out frozen entries."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import NewType, Protocol
from uuid import UUID

from mc_host.acting import Acting, CallsInFlight
from mc_host.catalog.selectors import Selector, parse_selector
from mc_host.resources import PluginSpec
from mc_wire.errors import Conflict, InvalidParams, NotFound
from mc_wire.model import Contract, Invocation, Manifest, Outcome

PluginId = NewType("PluginId", str)


class PluginKind(StrEnum):
    """How the host reaches a plugin."""

    LOCAL = "local"
    REMOTE = "remote"
    PROXIED = "proxied"


class Runtime(Protocol):
    """A running plugin, as callers use it."""

    contract: Contract
    http_base: str
    """`http://host:port` of its HTTP side; empty when it advertised none."""
    http_secret: str
    """What proves to its HTTP side that the host is calling."""

    tls: ssl.SSLContext | None
    """What its HTTP side is verified with; None where that is plain."""

    calls: CallsInFlight
    """For whom it is working right now."""

    async def invoke(self, invocation: Invocation, *, timeout_s: float, token: str, acting: Acting) -> Outcome:
        """Run one operation; a plugin's own failure is an outcome. Raises: OperationError when nobody answers."""
        ...


@dataclass(frozen=True)
class Entry:
    """A plugin as it stands at one moment."""

    id: PluginId
    name: str
    namespace: str
    spec: PluginSpec
    kind: PluginKind
    selector: Selector = field(default_factory=Selector)
    manifest: Manifest | None = None
    runtime: Runtime | None = None
    installed_path: Path | None = None
    agent_id: str = ""

    @property
    def full_name(self) -> str:
        """The unambiguous reference `namespace/name`."""
        return f"{self.namespace}/{self.name}"


class Registry:
    """All declared plugins."""

    def __init__(self) -> None:
        self._entries: dict[PluginId, Entry] = {}

    def upsert(self, plugin_id: str, name: str, namespace: str, spec: PluginSpec, agent_id: str = "") -> Entry:
        """Store a declaration; manifest and runtime of the same id stay.

        Raises: InvalidParams (no id, bad selector), Conflict (the name belongs to another id).
        """
        if not plugin_id.strip():
            raise InvalidParams("plugin id is required")
        key = PluginId(plugin_id.strip())
        name, namespace = name.strip(), namespace.strip()
        for other in self._entries.values():
            if other.id != key and (other.namespace, other.name) == (namespace, name):
                raise Conflict(f"plugin {namespace}/{name} is already registered with id {other.id}")
        kind = PluginKind.PROXIED if agent_id else PluginKind.REMOTE if spec.address else PluginKind.LOCAL
        fresh = Entry(id=key, name=name, namespace=namespace, spec=spec, kind=kind, agent_id=agent_id)
        known = self._entries.get(key, fresh)
        entry = replace(
            known,
            name=name,
            namespace=namespace,
            spec=spec,
            kind=kind,
            agent_id=agent_id,
            selector=parse_selector(spec.selector),
        )
        self._entries[key] = entry
        return entry

    def set_running(self, plugin_id: PluginId, manifest: Manifest, runtime: Runtime, path: Path | None) -> None:
        """Note that the plugin answers calls now."""
        entry = self._entries.get(plugin_id)
        if entry is not None:
            self._entries[plugin_id] = replace(entry, manifest=manifest, runtime=runtime, installed_path=path)

    def set_stopped(self, plugin_id: PluginId) -> None:
        """Note that nothing of the plugin runs; its declaration stays."""
        entry = self._entries.get(plugin_id)
        if entry is not None:
            self._entries[plugin_id] = replace(entry, manifest=None, runtime=None)

    def remove(self, plugin_id: PluginId) -> None:
        """Forget the plugin."""
        self._entries.pop(plugin_id, None)

    def find_by_id(self, plugin_id: PluginId) -> Entry | None:
        """Return the entry of that id, if there is one."""
        return self._entries.get(plugin_id)

    def list_all(self) -> list[Entry]:
        """Return every entry by namespace and name."""
        return sorted(self._entries.values(), key=lambda entry: (entry.namespace, entry.name, entry.id))

    def find(self, reference: str) -> Entry | None:
        """Return what an id, `namespace/name` or bare name means. Raises: Conflict when a bare name is ambiguous."""
        text = reference.strip()
        if not text:
            return None
        if _is_uuid(text):
            return self._entries.get(PluginId(text.lower()))
        namespace, slash, name = text.rpartition("/")
        if slash:
            return next((e for e in self._entries.values() if (e.namespace, e.name) == (namespace, name)), None)
        found = [entry for entry in self.list_all() if entry.name == text]
        if len(found) > 1:
            names = ", ".join(entry.full_name for entry in found)
            raise Conflict(f'ambiguous plugin reference "{text}"; use plugin id or namespace/name, matches: {names}')
        return found[0] if found else None

    def get(self, reference: str) -> Entry:
        """Return what `find` finds. Raises: NotFound, Conflict."""
        entry = self.find(reference)
        if entry is None:
            raise NotFound(f'plugin "{reference}" not found')
        return entry


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
