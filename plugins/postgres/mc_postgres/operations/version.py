"""`version`: what this build of the plugin is."""

from __future__ import annotations

from mc_postgres.build import BUILD
from mc_postgres.state import PluginState
from mc_sdk import JSON_MIME, Context, Struct, operation


class VersionResult(Struct, omit_defaults=True):
    """`uiChecksum` is absent when the build has no page."""

    name: str
    version: str
    build_date: str
    ui_checksum: str = ""


@operation("version", mime=JSON_MIME, http=("GET",), scope="config")
async def version(ctx: Context[PluginState]) -> VersionResult:
    """Tell which build of the plugin this is."""
    return VersionResult(
        name="postgres", version=BUILD.version, build_date=BUILD.build_date, ui_checksum=BUILD.ui_checksum
    )
