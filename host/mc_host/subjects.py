"""Who asks: the owner of this host, a signed-in user, or a plugin in its own name."""

from __future__ import annotations

from dataclasses import dataclass

_PLUGIN_PREFIX = "plugin:"


@dataclass(frozen=True)
class Subject:
    """Somebody whose rights can be asked for."""

    user_id: str
    email: str = ""
    groups: tuple[str, ...] = ()
    is_owner: bool = False
    """Set for the holder of the owner token alone; no claim of a foreign token sets it."""

    @property
    def is_plugin(self) -> bool:
        """Is this a plugin in its own name?"""
        return self.user_id.startswith(_PLUGIN_PREFIX)


OWNER = Subject(user_id="owner", is_owner=True)
"""Whoever holds the owner token of a host on loopback."""


def plugin_subject(full_name: str) -> Subject:
    """Return the subject of the plugin `namespace/name` in its own name."""
    return Subject(user_id=_PLUGIN_PREFIX + full_name)


def is_reserved(user_id: str) -> bool:
    """Would a user of that id be taken for somebody this host makes itself?"""
    return user_id in (OWNER.user_id, "*") or user_id.startswith((_PLUGIN_PREFIX, "group:", "email:", "role:"))
