"""Who may do what: the questions the host asks, and the answers of owner and policy."""

from __future__ import annotations

import logging
from typing import Protocol

from mc_host.access.policy import Policy
from mc_host.catalog.items import CatalogItem
from mc_host.catalog.selectors import Predicate
from mc_host.registry import Entry
from mc_host.subjects import Subject, plugin_subject

log = logging.getLogger(__name__)
READ, UPDATE, USE_CONNECTION, MANAGE_PLUGINS = "catalog:read", "catalog:update", "connection:read", "plugin:manage"
READ_METRICS = "metrics:read"
_OWN_ACTIONS = (READ, UPDATE, USE_CONNECTION, MANAGE_PLUGINS, READ_METRICS)


class Permissions(Protocol):
    """Answers every question of access; a refusal is False, never an exception."""

    def can_read_item(self, subject: Subject, item: CatalogItem) -> bool:
        """May the user see this item?"""
        ...

    def readable_items(self, subject: Subject) -> Predicate:
        """Return what tells, for one item after the other, whether the user may see it; for lists."""
        ...

    def can_update_item(self, subject: Subject, item: CatalogItem | None) -> bool:
        """May the user change this item (None: the catalog at large)?"""
        ...

    def can_manage_plugins(self, subject: Subject) -> bool:
        """May the user see what plugins print, and change them?"""
        ...

    def can_read_metrics(self, subject: Subject) -> bool:
        """May the user see what the host counts?"""
        ...

    def can_invoke(self, subject: Subject, plugin: Entry, operation: str, item: CatalogItem | None) -> bool:
        """May the user call this operation on this item?"""
        ...

    def holds(self, subject: Subject, permission: str, plugin: Entry, item: CatalogItem | None) -> bool:
        """Does the user hold what an operation requires? Nobody holds what neither host nor policy has heard of."""
        ...

    def can_use_connection(self, plugin: Entry, connection: str) -> bool:
        """May the plugin have the credentials of `connection://namespace/name`?"""
        ...

    def list_roles(self, subject: Subject, plugin: Entry, item: CatalogItem | None) -> tuple[str, ...]:
        """Return the plugin's roles that the user holds for this item."""
        ...


class PolicyPermissions:
    """The owner may do everything; everybody else what the policy grants, and nothing while it is not known."""

    def __init__(self) -> None:
        self._policy = Policy(())
        self._is_known = True

    def replace_policy(self, policy: Policy | None) -> None:
        """Follow another policy from now on; None: it cannot be read, so the last one that could be stays."""
        if policy is not None:
            self._policy, self._is_known = policy, True
        elif self._policy.is_empty:
            self._is_known = False
            log.error("the policy cannot be read: nobody but the owner may do anything")
        else:
            log.error("the policy cannot be read: the last one that could be stays in force")

    def can_read_item(self, subject: Subject, item: CatalogItem) -> bool:
        """The owner, and whom the policy grants `catalog:read`."""
        return subject.is_owner or self._policy.allows(subject, READ, item)

    def readable_items(self, subject: Subject) -> Predicate:
        """As `can_read_item`, for lists."""
        return _always if subject.is_owner else self._policy.selector(subject, READ)

    def can_update_item(self, subject: Subject, item: CatalogItem | None) -> bool:
        """The owner, and whom the policy grants `catalog:update`."""
        return subject.is_owner or self._policy.allows(subject, UPDATE, item)

    def can_manage_plugins(self, subject: Subject) -> bool:
        """The owner, and whom the policy grants `plugin:manage`."""
        return subject.is_owner or self._policy.allows(subject, MANAGE_PLUGINS, None)

    def can_read_metrics(self, subject: Subject) -> bool:
        """The owner, and whom the policy grants `metrics:read`."""
        return subject.is_owner or self._policy.allows(subject, READ_METRICS, None)

    def can_invoke(self, subject: Subject, plugin: Entry, operation: str, item: CatalogItem | None) -> bool:
        """The owner, and whom the policy grants `invoke:<plugin>:<operation>`."""
        return subject.is_owner or self._policy.allows(subject, f"invoke:{plugin.name}:{operation}", item)

    def holds(self, subject: Subject, permission: str, plugin: Entry, item: CatalogItem | None) -> bool:
        """The owner holds what host and manifest know; a bare word means a role of the plugin."""
        roles = {role_permission(plugin.name, one.name) for one in plugin.manifest.roles} if plugin.manifest else set()
        own_role = role_permission(plugin.name, permission)
        action = own_role if own_role in roles else permission
        is_known = action in roles or action in _OWN_ACTIONS or action.startswith("invoke:")
        return (subject.is_owner and is_known) or self._policy.allows(subject, action, item)

    def can_use_connection(self, plugin: Entry, connection: str) -> bool:
        """Without a policy what its resource or its items name; with one what it grants the plugin in its own name."""
        if self._policy.is_empty:
            return self._is_known
        return self._policy.allows_connection(plugin_subject(plugin.full_name), USE_CONNECTION, connection)

    def list_roles(self, subject: Subject, plugin: Entry, item: CatalogItem | None) -> tuple[str, ...]:
        """The owner every role of the manifest, others those of the policy."""
        declared = [role.name for role in plugin.manifest.roles] if plugin.manifest else []
        if subject.is_owner:
            return tuple(declared)
        return tuple(one for one in declared if self._policy.allows(subject, role_permission(plugin.name, one), item))


def _always(_: CatalogItem) -> bool:
    return True


def role_permission(plugin_name: str, role: str) -> str:
    """Return how a role is spelled among a caller's permissions."""
    return f"plugin-role:{plugin_name}:{role}"
