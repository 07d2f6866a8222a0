"""The one error tree of plugins and host, and the only table from a code to HTTP and gRPC statuses."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

Facts = dict[str, Any]


class OperationError(Exception):
    """A failure with a message for the caller, an optional hint what to do, and machine-readable facts.

    `code` travels on the wire; `http_status` and `grpc_status` (the name of a `grpc.StatusCode`) follow from it.
    """

    code: ClassVar[str] = "HANDLER_ERROR"
    http_status: ClassVar[int] = 500
    grpc_status: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, hint: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts: Facts = {name: value for name, value in facts.items() if value is not None}

    def with_hint(self, hint: str) -> OperationError:
        """Return this error with `hint` set, for the caller that knows the way out."""
        self.hint = hint
        return self


class InvalidParams(OperationError):
    """The caller can fix the request."""

    code, http_status, grpc_status = "invalid", 400, "INVALID_ARGUMENT"


class NotSignedIn(OperationError):
    """The caller is unknown."""

    code, http_status, grpc_status = "unauthorized", 401, "UNAUTHENTICATED"


class Forbidden(OperationError):
    """Host, cluster or database refuses this identity."""

    code, http_status, grpc_status = "forbidden", 403, "PERMISSION_DENIED"


class NotFound(OperationError):
    """Absent, or outside the caller's scope."""

    code, http_status, grpc_status = "not_found", 404, "NOT_FOUND"


class UnknownOperation(OperationError):
    """The plugin has no operation of that name."""

    code, http_status, grpc_status = "UNKNOWN_OPERATION", 404, "UNIMPLEMENTED"


class Conflict(OperationError):
    """State has moved on, or a name is taken."""

    code, http_status, grpc_status = "conflict", 409, "ALREADY_EXISTS"


class TooLarge(OperationError):
    """Request or result exceeds a limit."""

    code, http_status, grpc_status = "too_large", 413, "RESOURCE_EXHAUSTED"


class UnsupportedMediaType(OperationError):
    """The body is not of a type this route takes."""

    code, http_status, grpc_status = "unsupported_media_type", 415, "INVALID_ARGUMENT"


class ConfirmationNeeded(OperationError):
    """A destructive operation was called without its confirmation."""

    code, http_status, grpc_status = "confirmation_required", 428, "FAILED_PRECONDITION"


class NotSupported(OperationError):
    """This server version or edition cannot."""

    code, http_status, grpc_status = "not_implemented", 501, "UNIMPLEMENTED"


class NotRunning(OperationError):
    """The plugin is known but not up."""

    code, http_status, grpc_status = "not_running", 503, "UNAVAILABLE"


class TargetError(OperationError):
    """The database, pod or JVM failed; its own code is a fact (`sqlstate`, `reason`)."""


class TargetUnreachable(TargetError):
    """Nothing answers at the target's address."""

    code, http_status, grpc_status = "unreachable", 502, "UNAVAILABLE"


class TargetRefused(TargetError):
    """The target answers, and refuses the plugin's own credentials or one more connection."""

    code, http_status, grpc_status = "refused", 502, "UNAVAILABLE"


class TargetTimeout(TargetError):
    """The target did not answer in time."""

    code, http_status, grpc_status = "timeout", 504, "DEADLINE_EXCEEDED"


def _tree(root: type[OperationError]) -> list[type[OperationError]]:
    return [root, *(found for child in root.__subclasses__() for found in _tree(child))]


# A subclass without a code of its own (TargetError) shares its parent's row.
_BY_CODE = {kind.code: kind for kind in reversed(_tree(OperationError))}


class ErrorBody(msgspec.Struct, omit_defaults=True):
    """The JSON of a failure, in `InvokeResponse.result` and in every HTTP error body."""

    error: str
    code: str
    hint: str | None = None
    facts: Facts | None = None


def encode_error(exc: OperationError) -> bytes:
    """Return `{"error", "code", "hint"?, "facts"?}` as JSON."""
    body = ErrorBody(error=exc.message, code=code_of(exc), hint=exc.hint, facts=exc.facts or None)
    return msgspec.json.encode(body, enc_hook=str)


def decode_error(code: str, message: str, body: bytes = b"") -> OperationError:
    """Return the error that a peer sent as code, message and optional JSON body; an unknown code is kept as it is."""
    kind = _BY_CODE.get(code)
    exc = kind(message) if kind else ForeignError(message, code)
    try:
        parsed = msgspec.json.decode(body, type=ErrorBody) if body else None
    except msgspec.MsgspecError:
        parsed = None
    if parsed is not None:
        exc.hint, exc.facts = parsed.hint, parsed.facts or {}
    return exc


class ForeignError(OperationError):
    """A peer's error with a code that is not in our table; HTTP answers 500, as the released host does."""

    def __init__(self, message: str, foreign_code: str) -> None:
        super().__init__(message)
        self.foreign_code = foreign_code


def code_of(exc: OperationError) -> str:
    """Return the code that goes on the wire for `exc`."""
    return exc.foreign_code if isinstance(exc, ForeignError) else exc.code


def from_grpc(status: str, message: str) -> OperationError:
    """Return the error for a gRPC status name of a host call, the host's text unchanged."""
    for kind in (InvalidParams, NotSignedIn, Forbidden, NotFound, Conflict, NotSupported, TooLarge, TargetTimeout):
        if kind.grpc_status == status:
            return kind(message)
    return OperationError(message, grpc=status)
