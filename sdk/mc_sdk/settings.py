"""Settings of a plugin: typed, bounded, from the environment at start and from the host's Configure later."""

from __future__ import annotations

import os
from typing import Any, ClassVar, TypeVar, cast, get_type_hints

import msgspec

from mc_wire.model import JSON

S = TypeVar("S", bound="PluginSettings")
T = TypeVar("T")


class BadSetting(Exception):
    """A value from the environment is unusable; the text names variable, value and range."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Default, source and bounds of one setting."""

    default: Any
    env: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def check(self, key: str, value: Any) -> None:
        """Raises: ValueError when `value` is out of bounds."""
        if self.at_least is not None and value < self.at_least:
            raise ValueError(f"{key} is {value!r}, must be at least {self.at_least:g}")
        if self.at_most is not None and value > self.at_most:
            raise ValueError(f"{key} is {value!r}, must be at most {self.at_most:g}")


def setting(default: T, *, env: str = "", at_least: float | None = None, at_most: float | None = None) -> T:
    """Declare a setting in a `PluginSettings` class: its default, the variable that sets it, and its bounds."""
    return cast(T, Setting(default=default, env=env, at_least=at_least, at_most=at_most))


class PluginSettings:
    """Base of a plugin's settings; fields are declared by `setting()` and read as plain attributes.

    The property key of a field in the host's Configure is its camel-case name (`rowLimit` for `row_limit`).
    """

    declared: ClassVar[dict[str, Setting]] = {}
    kinds: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls)
        cls.declared = {name: value for name, value in vars(cls).items() if isinstance(value, Setting)}
        cls.kinds = {name: hints[name] for name in cls.declared}

    def __init__(self, **values: Any) -> None:
        for name, declared in self.declared.items():
            setattr(self, name, values.pop(name, declared.default))
        if values:
            raise TypeError(f"unknown setting(s): {', '.join(sorted(values))}")

    @classmethod
    def from_environment(cls: type[S]) -> S:
        """Return the settings of this process. Raises: BadSetting, since a bad variable must stop the start."""
        values = {}
        for name, declared in cls.declared.items():
            text = os.environ.get(declared.env) if declared.env else None
            if text is None:
                continue
            try:
                values[name] = cls._convert(name, declared.env, text)
            except ValueError as exc:
                raise BadSetting(str(exc)) from exc
        return cls(**values)

    @classmethod
    def _convert(cls, name: str, key: str, value: JSON) -> Any:
        try:
            converted = msgspec.convert(value, cls.kinds[name], strict=False)
        except msgspec.ValidationError as exc:
            raise ValueError(f"{key} is {value!r}: {exc}") from exc
        cls.declared[name].check(key, converted)
        return converted

    def merged(self: S, properties: dict[str, JSON]) -> tuple[S, list[str]]:
        """Return these settings with `properties` applied, and a warning for each one that could not be."""
        by_key = {_camel(name): name for name in self.declared}
        values = {name: getattr(self, name) for name in self.declared}
        warnings = []
        for key, value in sorted(properties.items()):  # a protobuf map has no order of its own
            name = by_key.get(key)
            if name is None:
                warnings.append(f"unknown property {key!r}; known: {', '.join(sorted(by_key)) or 'none'}")
                continue
            try:
                values[name] = self._convert(name, key, value)
            except ValueError as exc:
                warnings.append(f"{exc}; kept {values[name]!r}")
        return type(self)(**values), warnings


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
