"""`@operation`: one declaration from which manifest, params schema, CLI flags and HTTP route follow."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from mc_sdk.params import params_schema
from mc_wire.model import CLICKY_MIME, Operation

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__mc_operation__"


# Structs here and in the handshake, where house style would take dataclasses: those cost 0.4 ms each of every start.
class OperationHandler(msgspec.Struct, frozen=True):
    """One operation: its declaration, the author's function, and the struct of its params (None: it takes none)."""

    declared: _Declaration
    function: Callable[..., Any]
    params_type: type[Any] | None

    @property
    def name(self) -> str:
        """The wire name."""
        return self.declared.name

    @property
    def is_streaming(self) -> bool:
        """Whether the author's function is an async generator."""
        return inspect.isasyncgenfunction(self.function)

    def definition(self) -> Operation:
        """Return what the manifest says of this operation."""
        schema = params_schema(self.params_type)
        if self.is_streaming:
            schema["x-stream"] = True
        if self.declared.widget:
            schema["x-widget"] = self.declared.widget
        if self.declared.exit_field:
            schema["x-exit"] = self.declared.exit_field
        if self.declared.stdin:
            schema["x-stdin"] = True
        if self.declared.destructive_when:
            condition = {name: list(values) for name, values in self.declared.destructive_when.items()}
            schema["x-destructive-when"] = condition
        return Operation(
            name=self.name,
            description=self.declared.description or _first_line(self.function),
            params_schema=schema,
            result_mime=self.declared.mime,
            scope=self.declared.scope,
            is_destructive=self.declared.destructive,
            required_permissions=tuple(self.declared.permissions),
            http_methods=tuple(self.declared.http),
        )


class _Declaration(msgspec.Struct, frozen=True):
    name: str
    description: str
    destructive: bool
    scope: str
    mime: str
    http: Sequence[str]
    permissions: Sequence[str]
    widget: str
    exit_field: str
    stdin: bool
    destructive_when: Mapping[str, Sequence[str]]


def operation(
    name: str,
    *,
    description: str = "",
    destructive: bool = False,
    scope: str = "config",
    mime: str = CLICKY_MIME,
    http: Sequence[str] = ("POST",),
    permissions: Sequence[str] = (),
    widget: str = "",
    exit_field: str = "",
    stdin: bool = False,
    destructive_when: Mapping[str, Sequence[str]] | None = None,
) -> Callable[[F], F]:
    """Declare `async def f(ctx, params)` or `async def f(ctx)` as an operation; an async generator streams.

    `scope` is `config` (works on a catalog item) or `global`; `http` are the methods of its HTTP route, POST with
    the params as JSON body, GET with them as query; `permissions` are checked by the host; `widget` is one of
    trace, top, snapshot, profile, report, table, log; `exit_field` names the field of the result that a command line
    ends with as its status, 0 when all is well; `stdin` lets it answer in a pipe, by `Plugin.read_stdin`. A
    destructive operation asks for a confirmation; `destructive_when={"mode": ["write"]}` limits that to calls with
    such a value. The description defaults to the docstring's first line.
    """
    declared = _Declaration(
        name,
        description,
        destructive,
        scope,
        mime,
        tuple(http),
        tuple(permissions),
        widget,
        exit_field,
        stdin,
        destructive_when or {},
    )

    def mark(function: F) -> F:
        setattr(function, _MARK, declared)
        return function

    return mark


def handler_table(functions: Iterable[Callable[..., Any]]) -> dict[str, OperationHandler]:
    """Return the operations by name, in declaration order. Raises: TypeError for a duplicate or an undeclared one."""
    table: dict[str, OperationHandler] = {}
    for function in functions:
        declared = getattr(function, _MARK, None)
        if declared is None:
            raise TypeError(f"{function.__qualname__} is not declared with @operation")
        if declared.name in table:
            raise TypeError(f"operation {declared.name!r} is declared twice")
        table[declared.name] = OperationHandler(declared, function, _params_type(function))
    return table


def _params_type(function: Callable[..., Any]) -> type[Any] | None:
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) == 1:
        return None
    if len(parameters) != 2:
        raise TypeError(f"{function.__qualname__} must take (ctx) or (ctx, params)")
    # Only this annotation is resolved: the one of ctx may name types that are imported for checking alone.
    annotation = parameters[1].annotation
    if isinstance(annotation, str):
        annotation = eval(annotation, function.__globals__)
    if not (isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)):
        raise TypeError(f"{function.__qualname__}: params must be annotated with a Struct, not {annotation!r}")
    return annotation


def _first_line(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]
