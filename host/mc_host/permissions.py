"""Who may do what: the questions the host asks, and the answer for a laptop with one owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mc_host.catalog.items import CatalogItem
from mc_host.registry import Entry


@dataclass(frozen=True)
class Subject:
    """A signed-in user."""

    user_id: str
    email: str = ""


OWNER = Subject(user_id="owner")
"""Whoever holds the owner token of a host on loopback."""


class Permissions(Protocol):
    """Answers every question of access; a refusal is False, never an exception."""

    def can_read_item(self, subject: Subject, item: CatalogItem) -> bool:
        """May the user see this item?"""
        ...

    def can_update_item(self, subject: Subject, item: CatalogItem | None) -> bool:
        """May the user change this item (None: the catalog at large)?"""
        ...

    def can_invoke(self, subject: Subject, plugin: Entry, operation: str, item: CatalogItem | None) -> bool:
        """May the user call this operation on this item?"""
        ...

    def can_use_connection(self, plugin: Entry, connection_id: str) -> bool:
        """May the plugin have these credentials?"""
        ...

    def list_roles(self, subject: Subject, plugin: Entry, item: CatalogItem | None) -> tuple[str, ...]:
        """Return the plugin's roles that the user holds for this item."""
        ...


class OwnerPermissions:
    """One owner who may do everything and holds every role that a manifest declares."""

    def can_read_item(self, subject: Subject, item: CatalogItem) -> bool:
        """The owner reads every item."""
        return subject == OWNER

    def can_update_item(self, subject: Subject, item: CatalogItem | None) -> bool:
        """The owner changes every item."""
        return subject == OWNER

    def can_invoke(self, subject: Subject, plugin: Entry, operation: str, item: CatalogItem | None) -> bool:
        """The owner calls every operation."""
        return subject == OWNER

    def can_use_connection(self, plugin: Entry, connection_id: str) -> bool:
        """A plugin the owner configured may use the connections its resource or its items name."""
        return True

    def list_roles(self, subject: Subject, plugin: Entry, item: CatalogItem | None) -> tuple[str, ...]:
        """Return every role of the manifest."""
        if subject != OWNER or plugin.manifest is None:
            return ()
        return tuple(role.name for role in plugin.manifest.roles)


def role_permission(plugin_name: str, role: str) -> str:
    """Return how a role is spelled among a caller's permissions."""
    return f"plugin-role:{plugin_name}:{role}"
