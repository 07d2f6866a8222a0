"""The table of HTTP routes, and the server that answers them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from mc_host.gateway import listings
from mc_host.gateway.changes import list_changes, list_item_changes
from mc_host.gateway.errors import add_standard_headers, answer_errors
from mc_host.gateway.guard import Guard, check_caller
from mc_host.gateway.invoke import invoke_operation
from mc_host.gateway.keys import GUARD, HOST, METRICS_PATH, SESSION, SHELL
from mc_host.gateway.observability import get_health, get_metrics, get_readiness, list_problems
from mc_host.gateway.page_token import get_ui_token
from mc_host.gateway.plugins import list_plugin_logs, upgrade_plugin
from mc_host.gateway.proxy import open_session, proxy_operation, proxy_page
from mc_host.gateway.shell import Shell, serve_shell
from mc_wire.errors import NotFound
from mc_wire.limits import MAX_METADATA_BYTES

if TYPE_CHECKING:
    from mc_host.app import Host


async def _no_such_route(request: web.Request) -> web.Response:
    raise NotFound(f"no such route: {request.method} {request.path}")


def create_app(host: Host, guard: Guard) -> web.Application:
    """Return the application; its client session is the caller's to open and close."""
    app = web.Application(client_max_size=host.config.max_params_bytes, middlewares=[answer_errors, check_caller])
    app[HOST], app[GUARD], app[SHELL] = host, guard, Shell(host.config.shell_dir)
    app.on_response_prepare.append(add_standard_headers)
    route = app.router.add_route
    route("GET", "/api/me", listings.get_me)
    route("POST", "/api/sign-in-codes", listings.create_code)
    route("GET", "/api/catalog/items", listings.list_items)
    route("GET", "/api/catalog/items/{id}", listings.get_item)
    route("GET", "/api/catalog/facets", listings.list_facets)
    route("GET", "/api/catalog/items/{id}/changes", list_item_changes)
    route("GET", "/api/changes", list_changes)
    route("GET", "/api/plugins", listings.list_plugins)
    route("GET", "/api/plugin-status", listings.list_plugin_status)
    route("GET", "/api/plugins/{name}/logs", list_plugin_logs)
    route("POST", "/api/plugins/{name}/upgrade", upgrade_plugin)
    route("POST", "/api/plugins/{name}/invoke/{operation}", invoke_operation)
    route("POST", "/api/plugins/{name}/operations/{operation}", invoke_operation)
    route("*", "/api/plugins/{name}/proxy/{operation}", proxy_operation)
    route("GET", "/api/plugins/{name}/ui-token", get_ui_token)
    route("*", "/api/plugins/{name}/ui", proxy_page)
    route("*", "/api/plugins/{name}/ui/{tail:.*}", proxy_page)
    route("GET", "/api/problems", list_problems)
    route("*", "/api", _no_such_route)
    route("*", "/api/{tail:.*}", _no_such_route)
    route("GET", "/healthz", get_health)
    route("GET", "/readyz", get_readiness)
    route("GET", METRICS_PATH, get_metrics)
    route("GET", "/{tail:.*}", serve_shell)
    return app


@asynccontextmanager
async def open_gateway(host: Host) -> AsyncIterator[str]:
    """Serve the API on loopback; yields its address."""
    guard = Guard(host.tokens, host.issuers, frozenset([invoke_operation, proxy_operation]), host.config.public_url)
    app = create_app(host, guard)
    async with open_session() as session:
        app[SESSION] = session
        # A client that leaves cancels its handler, which cancels the plugin's work.
        runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=0.5,
            max_field_size=MAX_METADATA_BYTES,  # a JWT with many groups passes 8 KiB
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, host.config.bind_host, host.config.port)
            await site.start()
            guard.port = runner.addresses[0][1]
            yield f"http://{host.config.bind_host}:{guard.port}"
        finally:
            await runner.cleanup()
