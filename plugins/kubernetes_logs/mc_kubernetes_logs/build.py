"""Which build this is: the package's version, and the stamp that the zipapp builder adds as `_build.py`."""

from __future__ import annotations

import importlib

import msgspec

PACKAGE = "mission-control-plugin-kubernetes-logs"


class Build(msgspec.Struct, frozen=True):
    """Release, time of the build, and checksum of the page; the latter two are '' in a checkout."""

    version: str
    build_date: str = ""
    ui_checksum: str = ""


def read_build() -> Build:
    """Return the stamp of this build; a checkout has none and calls itself `dev`."""
    try:
        stamp = importlib.import_module("mc_kubernetes_logs._build")
    except ModuleNotFoundError:
        from importlib import metadata  # slow to import, and no built plugin needs it

        return Build(f"{metadata.version(PACKAGE)}-dev")
    return Build(str(stamp.VERSION), str(stamp.BUILD_DATE), str(stamp.UI_CHECKSUM))


BUILD = read_build()
