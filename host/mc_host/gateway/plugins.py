"""What may be done to plugins over HTTP: their newest output read, a newer version installed."""

from __future__ import annotations

from aiohttp import web

from mc_host.gateway.keys import HOST, SUBJECT
from mc_host.gateway.listings import json_response
from mc_host.install import installer
from mc_host.install.layout import LATEST
from mc_wire.errors import Conflict, Forbidden, InvalidParams


async def list_plugin_logs(request: web.Request) -> web.Response:
    """Answer the newest records of a plugin's output, oldest first."""
    host = request.app[HOST]
    if not host.permissions.can_manage_plugins(request[SUBJECT]):
        raise Forbidden("not allowed to read what plugins print")
    entry = host.registry.get(request.match_info["name"])
    return json_response(host.fleet.list_log(entry.id))


async def upgrade_plugin(request: web.Request) -> web.Response:
    """Install the newest version from where the plugin came from; the supervisor starts it as it sees it."""
    host = request.app[HOST]
    if not host.permissions.can_manage_plugins(request[SUBJECT]):
        raise Forbidden("not allowed to change plugins")
    entry = host.registry.get(request.match_info["name"])
    if entry.spec.address or entry.spec.version not in ("", LATEST):
        raise InvalidParams(
            f"plugin {entry.name} is not upgraded here: it runs elsewhere, or its resource names a version",
            hint="change spec.version of its Plugin resource",
        )
    if entry.id in host.upgrading:
        raise Conflict(f"plugin {entry.name} is being upgraded")
    host.upgrading.add(entry.id)
    try:
        done = await installer.upgrade(host.config, entry.spec.source or entry.name, lambda done, total: None)
    finally:
        host.upgrading.discard(entry.id)
    return json_response(
        {
            "plugin": entry.name,
            "previousVersion": done.before.version if done.before else "",
            "resolvedVersion": done.record.version,
            "installedPath": str(host.config.plugin_root / done.record.name / done.record.version / done.record.name),
            "restarted": done.is_changed,
        }
    )
