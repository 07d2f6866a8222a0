"""POST /api/plugins/<name>/invoke/<op>: params in, the operation's result out, byte for byte."""

from __future__ import annotations

import msgspec
from aiohttp import web

from mc_host.gateway.asking import read_request
from mc_host.gateway.keys import HOST
from mc_wire.errors import InvalidParams, TooLarge, UnsupportedMediaType
from mc_wire.model import JSON_MIME


async def invoke_operation(request: web.Request) -> web.Response:
    """Run one operation; `/operations/<op>` is the older name of the same route."""
    # A form or text body can be sent by any page without the browser asking first; JSON cannot.
    if request.content_type != JSON_MIME:
        raise UnsupportedMediaType(f"Content-Type must be {JSON_MIME}, got {request.content_type!r}")
    outcome = await request.app[HOST].invoker.invoke(read_request(request, await read_params(request)))
    headers = {"Content-Type": outcome.mime or JSON_MIME, "Cache-Control": "no-store"}
    return web.Response(body=outcome.result, headers=headers)


async def read_params(request: web.Request) -> bytes:
    """Return the body as params. Raises: InvalidParams, TooLarge."""
    limit = request.app[HOST].config.max_params_bytes
    if (request.content_length or 0) > limit:
        raise TooLarge(f"params are larger than {limit} bytes")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge as exc:
        raise TooLarge(f"params are larger than {limit} bytes") from exc
    check_params(body)
    return body


def check_params(body: bytes) -> None:
    """Refuse params that are not a JSON object; nothing at all means no params. Raises: InvalidParams."""
    if not body.strip():
        return
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as exc:
        raise InvalidParams("params must be a JSON object") from exc
    except msgspec.DecodeError as exc:
        raise InvalidParams(f"params are not valid JSON: {exc}") from exc
