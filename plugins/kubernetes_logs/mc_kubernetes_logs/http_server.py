"""The plugin's HTTP server: the SDK's, with the answers of `http_answers` in front."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mc_kubernetes_logs.http_answers import ANSWERS
from mc_sdk.http_server import HttpServer
from mc_sdk.params import convert_query, decode_params

_OWN = ("config_id", "confirm")
"""Query parameters of the host, not of an operation."""


class LogsHttpServer(HttpServer):
    """Answers some operations in formats of their own; who may call is checked as for all others."""

    async def _operation(self, request: web.Request) -> web.StreamResponse:
        own = ANSWERS.get(request.match_info["operation"])
        if own is None:
            return await super()._operation(request)
        params_type, answer = own
        handler = self._runtime.handler(request.match_info["operation"])
        method = "GET" if request.method == "HEAD" else request.method
        if method not in handler.declared.http:
            raise web.HTTPMethodNotAllowed(request.method, handler.declared.http)
        call = await self._authenticated(request, handler)
        params = await _read_params(request, params_type)
        return await answer(await self._runtime.context(call), params, request)


async def _read_params(request: web.Request, params_type: type[Any]) -> Any:
    """Return the params of a query, where names may repeat, or of a JSON body. Raises: InvalidParams."""
    if request.method not in ("GET", "HEAD"):
        return decode_params(await request.read(), params_type)
    query = ((name, value) for name, value in request.query.items() if value and name not in _OWN)
    return convert_query(query, params_type)
