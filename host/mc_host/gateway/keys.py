"""Typed places for what the gateway's handlers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import ClientSession, web

from mc_host.subjects import Subject

if TYPE_CHECKING:
    from mc_host.app import Host
    from mc_host.gateway.guard import Guard
    from mc_host.gateway.shell import Shell

HEALTH_PATHS = frozenset(["/healthz", "/readyz"])
"""Answered to everybody and under every name: a probe knows neither, and they tell nothing."""
METRICS_PATH = "/metrics"

HOST: web.AppKey[Host] = web.AppKey("host")
GUARD: web.AppKey[Guard] = web.AppKey("guard")
SHELL: web.AppKey[Shell] = web.AppKey("shell")
SESSION: web.AppKey[ClientSession] = web.AppKey("session")
REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
"""The request's id, for logs and plugins."""
SUBJECT: web.RequestKey[Subject] = web.RequestKey("subject", Subject)
"""The signed-in user."""
