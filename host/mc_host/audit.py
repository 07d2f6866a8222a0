"""Who called what: which invocations are recorded, and what the record says."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from mc_host.patterns import matches_patterns, split_patterns
from mc_host.registry import Entry
from mc_host.state.changes import Change, ChangeStore
from mc_host.subjects import Subject
from mc_wire.background import Background
from mc_wire.errors import OperationError
from mc_wire.model import JSON

log = logging.getLogger(__name__)
CHANGE_TYPE = "InvokePlugin"
_MAX_BODY_BYTES = 16 * 1024
_SECRET = re.compile(r"passw|secret|token|credential|private.?key|api.?key", re.IGNORECASE)
_HIDDEN = "***"


@dataclass(frozen=True)
class Asked:
    """How an operation was called: by RPC with a body, or by an HTTP method with a query."""

    body: bytes = b""
    method: str = ""
    query: tuple[tuple[str, str], ...] = ()

    @property
    def params_hash(self) -> str:
        """The same for equal requests, whatever the order of their query and whichever item they name."""
        if not self.method:
            return hashlib.sha256(self.body).hexdigest()
        pairs = sorted(pair for pair in self.query if pair[0] != "config_id")
        return hashlib.sha256(f"{self.method}\n{urlencode(pairs)}".encode()).hexdigest()


def fingerprint(plugin_id: str, operation: str, user_id: str, params_hash: str) -> str:
    """Return what equal invocations have in common."""
    return hashlib.sha256("\0".join((plugin_id, operation, user_id, params_hash)).encode()).hexdigest()


def is_audited(patterns: Iterable[str], operation: str) -> bool:
    """Is this operation recorded? Without patterns none is."""
    return matches_patterns(split_patterns(patterns), operation)


def describe(entry: Entry, operation: str, subject: Subject, item_id: str, asked: Asked, error: str) -> Change:
    """Return the record of one invocation."""
    details: dict[str, JSON] = {
        "plugin": {"id": entry.id, "name": entry.name, "namespace": entry.namespace},
        "operation": operation,
        "source": "http" if asked.method else "grpc",
    }
    if asked.method:
        details["method"] = asked.method
    if error:
        details["error"] = error
    request = _request_of(asked)
    if request:
        details["request"] = request
    namespace = f"/{entry.namespace}" if entry.namespace else ""
    name = entry.manifest.name if entry.manifest else entry.name
    return Change(
        item_id=item_id,
        change_type=CHANGE_TYPE,
        source=f"mission-control/plugin{namespace}/{entry.name}",
        summary=f"{name}.{operation}",
        created_by=subject.user_id,
        fingerprint=fingerprint(entry.id, operation, subject.user_id, asked.params_hash),
        details=details,
    )


def _request_of(asked: Asked) -> dict[str, JSON]:
    if asked.method:
        query: dict[str, list[str]] = {}
        for key, value in asked.query:
            if key != "config_id":
                query.setdefault(key, []).append(_HIDDEN if _SECRET.search(key) else value)
        return {"queryParam": query} if query else {}
    if not asked.body.strip():
        return {}
    if len(asked.body) > _MAX_BODY_BYTES:
        return {"body": f"{len(asked.body)} bytes"}
    try:
        return {"body": _without_secrets(msgspec.json.decode(asked.body))}
    except msgspec.MsgspecError:
        return {}


def _without_secrets(value: JSON) -> JSON:
    if isinstance(value, Mapping):
        return {key: _HIDDEN if _SECRET.search(key) else _without_secrets(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets(one) for one in value]
    return value


class Audit:
    """Records invocations; a record that cannot be written is logged and never fails the call."""

    def __init__(self, changes: ChangeStore) -> None:
        self._changes = changes
        self._background = Background()

    async def note(
        self,
        entry: Entry,
        operation: str,
        subject: Subject,
        item_id: str,
        asked: Asked,
        error: str = "",
    ) -> None:
        """Record an invocation that is over; it is on disk when this returns, and written when the caller is gone."""
        if not is_audited(entry.spec.audit, operation):
            return
        change = describe(entry, operation, subject, item_id, asked, error)
        await asyncio.shield(self._background.spawn(self._write(change), name="audit record"))

    async def _write(self, change: Change) -> None:
        try:
            await self._changes.add(change)
        except OperationError as exc:
            fields = {"summary": change.summary, "item": change.item_id, "user": change.created_by}
            log.error("invocation not recorded", extra={**fields, "error": exc.message})

    async def aclose(self) -> None:
        """Wait for what is being written."""
        await self._background.join()
