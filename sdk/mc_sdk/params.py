"""JSON to an operation's params and its result back to JSON, with errors that name the field."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from mc_wire.errors import InvalidParams, OperationError
from mc_wire.model import JSON

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")


def decode_params(data: bytes, kind: type[T]) -> T:
    """Return the params in a JSON object; empty bytes mean all defaults.

    Names match in any case, null means default, and text stands for a number or boolean (old callers send text).
    Raises: InvalidParams with the field's name as a fact.
    """
    try:
        return msgspec.json.decode(data or b"{}", type=kind)
    except msgspec.ValidationError as strict_error:
        plain = _plain_object(data)
        try:
            return msgspec.convert(_normalised(plain, kind), kind, strict=False)
        except msgspec.ValidationError as exc:
            raise _invalid(exc) from strict_error
    except msgspec.DecodeError as exc:
        raise InvalidParams(f"params are not JSON: {exc}") from exc


def _plain_object(data: bytes) -> dict[str, JSON]:
    plain = msgspec.json.decode(data)
    if not isinstance(plain, dict):
        raise InvalidParams(f"params must be a JSON object, got {_kind_name(plain)}")
    return plain


def convert_query(pairs: Iterable[tuple[str, str]], kind: type[S]) -> S:
    """Return the params of a query string or form, where every value is text.

    A name that is given more than once makes an array where the param takes one, and so does one value where it takes
    nothing else; of others the last value counts. Raises: InvalidParams.
    """
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    types = {field.encode_name.lower(): field.type for field in msgspec.structs.fields(kind)}
    plain: dict[str, JSON] = {}
    for name, values in given.items():
        arrays = _which_are_arrays(types.get(name.lower()))
        is_array = all(arrays) or (len(values) > 1 and any(arrays))
        plain[name] = list(values) if is_array else values[-1]
    try:
        return msgspec.convert(_normalised(plain, kind), kind, strict=False)
    except msgspec.ValidationError as exc:
        raise _invalid(exc) from exc


def _which_are_arrays(kind: Any) -> list[bool]:
    """Say of each kind of value that a param takes whether it is an array."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    members = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return [(get_origin(one) or one) in (list, tuple, set, frozenset) for one in members if one is not NoneType]


def _normalised(plain: dict[str, JSON], kind: type[Any]) -> dict[str, JSON]:
    by_lower = {field.encode_name.lower(): field.encode_name for field in msgspec.structs.fields(kind)}
    return {by_lower.get(key.lower(), key): value for key, value in plain.items() if value is not None}


def _invalid(exc: msgspec.ValidationError) -> InvalidParams:
    text = str(exc)
    path, named = _PATH.search(text), _FIELD.search(text)
    field = ".".join(part for part in (path and path[1], named and named[1]) if part)
    reason = _PATH.sub("", text)
    reason = reason[:1].lower() + reason[1:]
    message = f"{field}: {reason}" if field and not named else reason
    return InvalidParams(message, field=field or None)


def _kind_name(value: JSON) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def params_schema(kind: type[Any] | None) -> dict[str, JSON]:
    """Return the JSON Schema of a params struct with its properties at the top, where readers look for them.

    `x-order` lists the properties as the author wrote them: the wire carries the schema as a map without an order.
    """
    if kind is None:
        return {"type": "object", "properties": {}}
    schema = msgspec.json.schema(kind)
    definitions = schema.pop("$defs", {})
    reference = schema.get("$ref", "")
    if reference.startswith("#/$defs/"):
        schema = definitions.pop(reference.removeprefix("#/$defs/"))
    schema.pop("title", None)
    for one in (schema, *definitions.values()):
        if len(one.get("properties", {})) > 1:
            one["x-order"] = list(one["properties"])
    if definitions:
        schema["$defs"] = definitions
    return schema


def encode_result(value: Any) -> bytes:
    """Return a handler's result as JSON; `msgspec.Raw` and pre-encoded JSON pass unchanged.

    Raises: OperationError for NaN, infinities and types without a JSON form; the encoder alone would turn the
    former into null without a word.
    """
    if isinstance(value, msgspec.Raw):
        return bytes(value)
    _refuse_non_finite(value)
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as exc:
        raise OperationError(f"result cannot be encoded as JSON: {exc}") from exc


def _refuse_non_finite(root: Any) -> None:
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, float):
            if not math.isfinite(value):
                raise OperationError(f"result cannot be encoded as JSON: {value} is not a JSON number")
        elif isinstance(value, str | bytes | int | None):
            continue
        elif isinstance(value, msgspec.Struct):
            pending.extend(getattr(value, name) for name in value.__struct_fields__)
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list | tuple | set | frozenset):
            pending.extend(value)
        elif hasattr(value, "__dataclass_fields__"):
            pending.extend(vars(value).values())
