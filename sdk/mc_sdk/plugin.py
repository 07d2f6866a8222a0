"""The class an author writes: what the plugin is, what it offers, and the state its operations share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from mc_sdk.operations import OperationHandler, handler_table
from mc_sdk.settings import PluginSettings
from mc_wire.errors import NotSupported, OperationError
from mc_wire.handshake import APP_PROTOCOL
from mc_wire.model import Manifest, Operation, Role, Tab

if TYPE_CHECKING:
    from aiohttp import web

S = TypeVar("S")


class NoSettings(PluginSettings):
    """The settings of a plugin that has none."""


class Plugin(Generic[S]):
    """Subclass it, set the attributes, and hand an instance to `serve()`.

    `S` is whatever `open_state` yields: pools, caches, running captures. It is opened before the first invocation
    and closed when the plugin stops.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = ""
    description: ClassVar[str] = ""
    tabs: ClassVar[Sequence[Tab]] = ()
    roles: ClassVar[Sequence[Role]] = ()
    operations: ClassVar[Sequence[Callable[..., Any]]] = ()
    """Functions declared with `@operation`, in the order in which they are listed."""
    settings_type: ClassVar[type[PluginSettings]] = NoSettings
    assets: ClassVar[str | PathLike[str] | None] = None
    """Folder of the built page, or None."""

    def __init__(self) -> None:
        self.handlers: dict[str, OperationHandler] = handler_table(self.operations)

    def open_state(self, settings: Any) -> AbstractAsyncContextManager[S]:
        """Return a context manager that yields the shared state; override it with an `@asynccontextmanager`."""
        return cast("AbstractAsyncContextManager[S]", _no_state())

    async def configured(self, state: S, settings: Any) -> None:
        """Take new settings while running; `ctx.settings` of later calls has them anyway."""

    async def health(self, state: S) -> str | None:
        """Return what is wrong with this plugin itself, or None; a failing target is not the plugin's health."""
        return None

    async def http_handler(self, request: web.Request) -> web.StreamResponse | None:
        """Answer a request at the HTTP root; None or an unsent 404 falls back to the page's files."""
        return None

    def read_stdin(self, operation: str, params: Any) -> Iterator[bytes]:
        """Yield lines of JSON for what comes on standard input, for an operation declared with `stdin=True`.

        `mission-control <plugin> <operation> --stdin` runs it in a process of its own, without a host.
        """
        raise NotSupported(f"{operation} reads no standard input")

    @cached_property
    def definitions(self) -> tuple[Operation, ...]:
        """What the manifest says of the operations; the schemas take a few ms, so they are made once."""
        return tuple(handler.definition() for handler in self.handlers.values())

    def manifest(self, ui_port: int) -> Manifest:
        """Return the manifest. Raises: OperationError when name or version is empty."""
        if not self.name:
            raise OperationError("Manifest().Name is required")
        if not self.version:
            raise OperationError("Manifest().Version is required")
        capabilities = [name for name, has in (("tabs", self.tabs), ("operations", self.handlers)) if has]
        return Manifest(
            name=self.name,
            version=self.version,
            description=self.description,
            protocol_version=APP_PROTOCOL,
            capabilities=tuple(capabilities),
            tabs=tuple(self.tabs),
            operations=self.definitions,
            ui_port=ui_port,
            roles=tuple(self.roles),
        )


@asynccontextmanager
async def _no_state() -> AsyncIterator[None]:
    yield None
