"""Failures as JSON: every non-2xx answer below /api has `error` and `code`."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from uuid import uuid4

import msgspec
from aiohttp import web

from mc_host.gateway.keys import REQUEST_ID
from mc_wire.errors import (
    Conflict,
    ErrorBody,
    Forbidden,
    InvalidParams,
    NotFound,
    OperationError,
    TooLarge,
    code_of,
    encode_error,
)
from mc_wire.model import JSON_MIME
from mc_wire.trace_context import CURRENT, TRACEPARENT, TRACESTATE, read_trace, start_trace

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REQUEST_ID_TEXT = re.compile(r"^[\w.:-]{1,80}$")
_BY_STATUS: dict[int, type[OperationError]] = {
    kind.http_status: kind for kind in (InvalidParams, Forbidden, NotFound, Conflict, TooLarge)
}


def error_response(exc: OperationError) -> web.Response:
    """Return the answer for an error of ours."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(status=exc.http_status, body=encode_error(exc), content_type=JSON_MIME, headers=headers)


def http_error(exc: web.HTTPException) -> web.Response:
    """Return the answer for a refusal of the HTTP library, its status kept."""
    kind = _BY_STATUS.get(exc.status)
    code = kind.code if kind else exc.reason.lower().replace(" ", "_")
    body = msgspec.json.encode(ErrorBody(error=exc.reason.lower(), code=code))
    allow = {"Allow": exc.headers["Allow"]} if "Allow" in exc.headers else {}
    return web.Response(status=exc.status, body=body, content_type=JSON_MIME, headers=allow)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id and a trace, and turn whatever is raised into an answer."""
    given = request.headers.get("X-Request-Id", "")
    request_id = given if _REQUEST_ID_TEXT.match(given) else uuid4().hex
    request[REQUEST_ID] = request_id
    trace = read_trace(request.headers.get(TRACEPARENT, ""), request.headers.get(TRACESTATE, ""))
    CURRENT.set(trace if trace.parent else start_trace())
    try:
        response = await handler(request)
    except OperationError as exc:
        log.debug("refused", extra={**_where(request), "code": code_of(exc), "error": exc.message})
        response = error_response(exc)
    except web.HTTPException as exc:
        response = http_error(exc)
    except Exception as exc:  # border: a fault of ours is answered and logged, not left to the HTTP library
        log.exception("request failed", extra=_where(request))
        response = error_response(OperationError(f"internal error: {type(exc).__name__}"))
    return response


async def add_standard_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Set what every answer carries, streams included."""
    response.headers["X-Request-Id"] = request.get(REQUEST_ID, "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Server"] = "mission-control"
    response.headers.setdefault("Referrer-Policy", "same-origin")


def _where(request: web.Request) -> dict[str, str]:
    return {"method": request.method, "path": request.path, "request_id": request.get(REQUEST_ID, "")}
