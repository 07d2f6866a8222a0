"""`version`: which build answers."""

from __future__ import annotations

import os
import sys

from mc_kubernetes_logs.build import BUILD
from mc_kubernetes_logs.state import PluginState
from mc_sdk import Context, Struct, operation


class VersionResult(Struct, omit_defaults=True):
    """Release, build and process of the plugin."""

    version: str
    python: str
    pid: int
    build_date: str = ""
    ui_checksum: str = ""


@operation("version", scope="global", http=("GET", "POST"))
async def version(ctx: Context[PluginState]) -> VersionResult:
    """Tell which build of the plugin answers."""
    return VersionResult(
        version=BUILD.version,
        python=sys.version.split()[0],
        pid=os.getpid(),
        build_date=BUILD.build_date,
        ui_checksum=BUILD.ui_checksum,
    )
