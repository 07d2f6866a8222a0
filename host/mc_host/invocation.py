"""One invocation from whoever asks: HTTP, command line, or another plugin; every check in one order."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.store import Catalog
from mc_host.config import HostConfig
from mc_host.permissions import OWNER, Permissions, Subject, role_permission
from mc_host.registry import Entry, Registry, Runtime
from mc_host.supervisor.fleet import Fleet
from mc_wire.errors import Forbidden, InvalidParams, NotFound, OperationError, decode_error
from mc_wire.model import Caller, Invocation, Manifest, Operation, Outcome

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
    subject: Subject | None = OWNER
    request_id: str = ""
    depth: int = 0
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

    @property
    def item_id(self) -> str:
        """The item's id, or nothing."""
        return self.item.id if self.item else ""


class Invoker:
    """Checks and carries out invocations."""

    def __init__(
        self, config: HostConfig, registry: Registry, fleet: Fleet, catalog: Catalog, permissions: Permissions
    ) -> None:
        self._config = config
        self._registry = registry
        self._fleet = fleet
        self._catalog = catalog
        self._permissions = permissions

    async def check(self, request: Request) -> Permitted:
        """Return what a request needs to be carried out.

        Raises: InvalidParams, NotFound, Conflict, Forbidden, NotRunning, in the order of the checks.
        """
        if not request.plugin or not request.operation:
            raise InvalidParams("plugin and operation are required")
        if request.depth > MAX_DEPTH:
            raise InvalidParams(f"maximum plugin invocation depth {MAX_DEPTH} exceeded")
        entry = await self._fleet.running(self._registry.get(request.plugin))
        assert entry.manifest is not None and entry.runtime is not None
        operation = _find_operation(entry, request.operation)
        item = self._find_item(entry, operation, request)
        subject = request.subject
        if subject is None or not self._permissions.can_invoke(subject, entry, operation.name, item):
            raise Forbidden(f"not allowed to invoke plugin {entry.name} operation {operation.name}")
        roles = self._permissions.list_roles(subject, entry, item)
        limit_s = self._config.invoke_timeout_s
        timeout_s = limit_s if request.timeout_s is None else min(request.timeout_s, limit_s)
        if timeout_s <= 0:
            raise InvalidParams("the deadline has passed")
        return Permitted(entry, entry.runtime, entry.manifest, operation, subject, item, roles, timeout_s)

    def _find_item(self, entry: Entry, operation: Operation, request: Request) -> CatalogItem | None:
        if not request.item_id:
            if operation.scope != "global":
                raise InvalidParams(f'config_id is required for operation "{operation.name}"', field="config_id")
            return None
        item = self._catalog.get(request.item_id)
        if not entry.selector.matches(item):
            raise Forbidden(f'plugin "{entry.name}" is not enabled for config {item.id}')
        if request.subject is None or not self._permissions.can_read_item(request.subject, item):
            raise Forbidden(f"not allowed to read config {item.id}")
        return item

    async def invoke(self, request: Request) -> Outcome:
        """Run the operation; a failure of the plugin is raised with its own code, hint and facts.

        Raises: OperationError.
        """
        permitted = await self.check(request)
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
                request_id=request.request_id,
            ),
            deadline=datetime.now(UTC) + timedelta(seconds=timeout_s),
        )
        outcome = await permitted.runtime.invoke(invocation, timeout_s=timeout_s, depth=request.depth)
        _log_records(permitted, request, outcome)
        return outcome

    async def invoke_nested(
        self, plugin: str, operation: str, params: bytes, item_id: str, *, timeout_s: float | None, depth: int
    ) -> Outcome:
        """Run another plugin's operation for a plugin, as the same user; its failure stays an outcome."""
        request = Request(plugin, operation, item_id, params, depth=depth, timeout_s=timeout_s)
        return await self._call(await self.check(request), request)


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
