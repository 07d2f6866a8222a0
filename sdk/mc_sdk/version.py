"""Which build a plugin is, and the version text that it shows: release, checksum of its page, build date."""

from __future__ import annotations

import importlib

import msgspec

_CHECKSUM_CHARS = 8


class Build(msgspec.Struct, frozen=True):
    """Release, time of the build, and checksum of the page; the latter two are '' in a checkout."""

    version: str
    build_date: str = ""
    ui_checksum: str = ""


def read_build(module: str, project: str) -> Build:
    """Return the stamp that the zipapp builder adds to a plugin's package; a checkout has none and is `dev`."""
    try:
        stamp = importlib.import_module(f"{module}._build")
    except ModuleNotFoundError:
        from importlib import metadata  # slow to import, and no built plugin needs it

        return Build(f"{metadata.version(project)}-dev")
    return Build(str(stamp.VERSION), str(stamp.BUILD_DATE), str(stamp.UI_CHECKSUM))


def format_version(version: str, build_date: str = "", ui_checksum: str = "") -> str:
    """Return `1.2.3+abcdef01 built 2026-05-03 12:00:00`, leaving out what is empty (or too short a checksum).

    The checksum is part of it so that a rebuilt page gets a new address in browsers' caches.
    """
    text = version
    if len(ui_checksum) >= _CHECKSUM_CHARS:
        text += "+" + ui_checksum[:_CHECKSUM_CHARS]
    if build_date:
        text += " built " + build_date
    return text
