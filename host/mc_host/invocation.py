"""One invocation from whoever asks: HTTP, command line, or another plugin; every check in one order."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from mc_host.acting import Acting
from mc_host.audit import Asked, Audit
from mc_host.catalog.items import CatalogItem
from mc_host.catalog.store import Catalog, check_item_id
from mc_host.config import HostConfig
from mc_host.confirmation import must_confirm, parse_params
from mc_host.invocation_tokens import Grant, InvocationTokens
from mc_host.metrics import CANCELED, OK, Metrics
from mc_host.permissions import Permissions, role_permission
from mc_host.registry import Entry, Registry, Runtime
from mc_host.subjects import Subject
from mc_host.supervisor.fleet import Fleet
from mc_wire.errors import (
    ConfirmationNeeded,
    Forbidden,
    InvalidParams,
    NotFound,
    NotSignedIn,
    OperationError,
    code_of,
    decode_error,
)
from mc_wire.invocation_token import UI_OPERATION
from mc_wire.model import JSON, Caller, Contract, Invocation, Manifest, Operation, Outcome
from mc_wire.trace_context import CURRENT

log = logging.getLogger(__name__)
MAX_DEPTH = 5
_LEVELS = {"debug": logging.DEBUG, "warn": logging.WARNING, "error": logging.ERROR}


@dataclass(frozen=True)
class Request:
    """Who wants what of which plugin, on which item."""

    plugin: str
    operation: str
    item_id: str = ""
    params: bytes = b""
    subject: Subject | None = None
    token: str = ""
    """An invocation token that the caller sent instead of signing in; it decides who asks, when it is there."""
    request_id: str = ""
    depth: int = 0
    is_confirmed: bool = False
    """Somebody said yes to what a destructive operation does."""
    is_own_page: bool = False
    """The plugin's own page asks: one of a released plugin knows no confirmation."""
    timeout_s: float | None = None
    """None: the host's own limit."""


@dataclass(frozen=True)
class Permitted:
    """A request that passed every check, and what it needs to be carried out."""

    entry: Entry
    runtime: Runtime
    manifest: Manifest
    operation: Operation
    subject: Subject
    item: CatalogItem | None
    roles: tuple[str, ...]
    timeout_s: float
    depth: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def acting(self) -> Acting:
        """For whom the plugin will work."""
        return Acting(self.subject, self.depth)

    @property
    def item_id(self) -> str:
        """The item's id, or nothing."""
        return self.item.id if self.item else ""


class Invoker:
    """Checks and carries out invocations."""

    def __init__(
        self,
        config: HostConfig,
        registry: Registry,
        fleet: Fleet,
        catalog: Catalog,
        permissions: Permissions,
        tokens: InvocationTokens,
        audit: Audit,
        metrics: Metrics,
    ) -> None:
        self._config = config
        self._registry = registry
        self._fleet = fleet
        self._catalog = catalog
        self._permissions = permissions
        self._tokens = tokens
        self._audit = audit
        self._metrics = metrics

    async def check(self, request: Request) -> Permitted:
        """Return what a request needs to be carried out.

        Raises: InvalidParams, NotSignedIn, NotFound, Conflict, Forbidden, NotRunning, in the order of the checks.
        """
        if not request.plugin or not request.operation:
            raise InvalidParams("plugin and operation are required")
        if request.subject is None and not request.token:
            raise NotSignedIn("not logged in")
        if request.depth > MAX_DEPTH:
            raise InvalidParams(f"maximum plugin invocation depth {MAX_DEPTH} exceeded")
        entry = await self._fleet.running(self._registry.get(request.plugin))
        assert entry.manifest is not None and entry.runtime is not None
        operation = _find_operation(entry, request.operation)
        acting = self._acting(entry, operation, request)
        subject = acting.subject
        item = self._find_item(entry, operation, request.item_id, subject)
        if not self._permissions.can_invoke(subject, entry, operation.name, item):
            raise Forbidden(f"not allowed to invoke plugin {entry.name} operation {operation.name}")
        self._check_required(subject, entry, operation, item)
        roles = self._permissions.list_roles(subject, entry, item)
        limit_s = self._config.invoke_timeout_s
        timeout_s = limit_s if request.timeout_s is None else min(request.timeout_s, limit_s)
        if timeout_s <= 0:
            raise InvalidParams("the deadline has passed")
        return Permitted(entry, entry.runtime, entry.manifest, operation, subject, item, roles, timeout_s, acting.depth)

    def _check_required(self, subject: Subject, entry: Entry, operation: Operation, item: CatalogItem | None) -> None:
        for permission in operation.required_permissions:
            if not self._permissions.holds(subject, permission, entry, item):
                text = f"plugin {entry.name} operation {operation.name} requires permission {permission}"
                raise Forbidden(text, permission=permission)

    def _acting(self, entry: Entry, operation: Operation, request: Request) -> Acting:
        """Return who asks. A token only says who; what they may do is asked afresh, also of a page's token.

        A plugin that comes back over HTTP with the token of its own call is one deeper than that call.
        """
        if not request.token:
            assert request.subject is not None
            return Acting(request.subject, request.depth)
        item_id = check_item_id(request.item_id) if request.item_id else ""
        proof = self._tokens.check_request(request.token, entry.id, operation=operation.name, item_id=item_id)
        depth = 0 if proof.claims.operation == UI_OPERATION else proof.claims.depth + 1
        if depth > MAX_DEPTH:
            raise InvalidParams(f"maximum plugin invocation depth {MAX_DEPTH} exceeded")
        return Acting(proof.subject, depth)

    def _find_item(self, entry: Entry, operation: Operation, item_id: str, subject: Subject) -> CatalogItem | None:
        if not item_id:
            if operation.scope != "global":
                raise InvalidParams(f'config_id is required for operation "{operation.name}"', field="config_id")
            return None
        item = self._catalog.get(item_id)
        if not entry.selector.matches(item):
            raise Forbidden(f'plugin "{entry.name}" is not enabled for config {item.id}')
        if not self._permissions.can_read_item(subject, item):
            raise Forbidden(f"not allowed to read config {item.id}")
        return item

    def mint(self, permitted: Permitted) -> str:
        """Return the token the plugin acts with for this call."""
        return self._tokens.mint(
            Grant(
                permitted.subject,
                permitted.entry.id,
                permitted.operation.name,
                permitted.item_id,
                permitted.roles,
                permitted.depth,
            )
        )

    async def invoke(self, request: Request) -> Outcome:
        """Run the operation; a failure of the plugin is raised with its own code, hint and facts.

        Raises: OperationError.
        """
        permitted = await self.check(request)
        check_confirmed(permitted, request, parse_params(request.params))
        outcome = await self._call(permitted, request)
        if outcome.error_code or outcome.error_message:
            _raise_error(outcome)
        return outcome

    async def _call(self, permitted: Permitted, request: Request) -> Outcome:
        timeout_s = permitted.timeout_s
        names = [role_permission(permitted.manifest.name, role) for role in permitted.roles]
        invocation = Invocation(
            operation=permitted.operation.name,
            params=request.params,
            item_id=permitted.item_id,
            caller=Caller(
                user_id=permitted.subject.user_id,
                user_email=permitted.subject.email,
                permissions=tuple(names),
                trace_id=CURRENT.get().trace_id,
                request_id=request.request_id,
            ),
            deadline=datetime.now(UTC) + timedelta(seconds=timeout_s),
        )
        error, code = "the caller left", CANCELED
        try:
            outcome = await permitted.runtime.invoke(
                invocation, timeout_s=timeout_s, token=self.mint(permitted), acting=permitted.acting
            )
            error, code = outcome.error_message or outcome.error_code, outcome.error_code or OK
        except OperationError as exc:
            error, code = exc.message, code_of(exc)
            raise
        finally:
            await self.note(permitted, Asked(body=request.params), error, code)
        _log_records(permitted, request, outcome)
        return outcome

    async def note(self, permitted: Permitted, asked: Asked, error: str, code: str) -> None:
        """Record a call that was carried out, or (with `error`) tried; `code` is how it ended."""
        operation, item_id = permitted.operation.name, permitted.item_id
        self._metrics.note_invocation(permitted.entry, operation, code, time.perf_counter() - permitted.began)
        await self._audit.note(permitted.entry, operation, permitted.subject, item_id, asked, error)

    async def invoke_nested(
        self, plugin: str, operation: str, params: bytes, item_id: str, *, timeout_s: float | None, acting: Acting
    ) -> Outcome:
        """Run another plugin's operation for a plugin, as the same user; its failure stays an outcome."""
        request = Request(
            plugin, operation, item_id, params, subject=acting.subject, depth=acting.depth, timeout_s=timeout_s
        )
        return await self._call(await self.check(request), request)


def check_confirmed(permitted: Permitted, request: Request, params: Mapping[str, JSON]) -> None:
    """Refuse a destructive call that nobody confirmed. Raises: ConfirmationNeeded.

    Calls between plugins are not asked: the wire has no place for an answer, and the user called the first one.
    """
    operation = permitted.operation
    if request.is_confirmed or not must_confirm(operation.is_destructive, operation.params_schema, params):
        return
    if request.is_own_page and permitted.runtime.contract is Contract.RELEASED:
        return
    hint = "repeat the call with ?confirm=true once somebody has confirmed it"
    text = f'operation "{operation.name}" of plugin "{permitted.entry.name}" is destructive and needs a confirmation'
    raise ConfirmationNeeded(text, hint=hint, operation=operation.name, item=permitted.item_id or None)


def _find_operation(entry: Entry, name: str) -> Operation:
    assert entry.manifest is not None
    for operation in entry.manifest.operations:
        if operation.name == name:
            return operation
    raise NotFound(f'plugin "{entry.name}" operation "{name}" not found')


def _raise_error(outcome: Outcome) -> NoReturn:
    code = outcome.error_code or OperationError.code
    raise decode_error(code, outcome.error_message or code, outcome.result)


def _log_records(permitted: Permitted, request: Request, outcome: Outcome) -> None:
    for record in outcome.logs:
        log.log(
            _LEVELS.get(record.level.lower(), logging.INFO),
            "%s",
            record.message,
            extra={
                "plugin": permitted.entry.name,
                "operation": permitted.operation.name,
                "item": permitted.item_id,
                "request_id": request.request_id,
                "fields": dict(record.fields),
            },
        )
